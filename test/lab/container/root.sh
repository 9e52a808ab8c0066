#!/bin/sh
# What the root of a container has beside that of ../debian/root.sh: it takes into account whose kernel it is.
# Argument: the root.
set -eu
root=$1

main() {
	services
	containers
}

services() {
	# Reads the keyboard of the console.
	systemctl --quiet --root="$root" mask console-getty.service
	# The clock is the machine's: chronyd runs, and only watches it.
	mkdir -p "$root/etc/systemd/system/chrony.service.d"
	cat >"$root/etc/systemd/system/chrony.service.d/lab.conf" <<-'EOF'
		[Unit]
		ConditionCapability=
		[Service]
		ExecStart=
		ExecStart=!/usr/sbin/chronyd $DAEMON_OPTS -x
	EOF
	# The kernel and its messages are the machine's.
	mkdir -p "$root/etc/systemd/journald.conf.d"
	printf '[Journal]\nReadKMsg=no\n' >"$root/etc/systemd/journald.conf.d/lab.conf"
}

# The containers' cgroups have no controllers here.
containers() {
	mkdir -p "$root/etc/containers/containers.conf.d"
	printf '[containers]\npids_limit = 0\n' >"$root/etc/containers/containers.conf.d/lab.conf"
}

main
