#!/bin/sh
# Makes the root file system of a bare host out of freshly installed packages.
# Arguments: the root, the mount point of the package repository in a host.
set -eu
root=$1
repository=$2

main() {
	packages
	identity
	services
	containers
}

packages() {
	rm -rf "$root"/etc/apt/sources.list.d/*
	echo "deb [trusted=yes] file:$repository ./" >"$root/etc/apt/sources.list"
	mkdir -p "$root$repository"
}

# Each host gets its own.
identity() {
	: >"$root/etc/machine-id"
	rm -f "$root"/etc/ssh/ssh_host_* "$root/var/lib/dbus/machine-id"
	: >"$root/etc/resolv.conf"
}

services() {
	# Timers that take apt's lock at random would fail a test at random.
	systemctl --quiet --root="$root" mask apt-daily.timer apt-daily-upgrade.timer
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
	mkdir -p "$root/var/log/journal"
	# The kernel and its messages are the machine's.
	mkdir -p "$root/etc/systemd/journald.conf.d"
	printf '[Journal]\nReadKMsg=no\n' >"$root/etc/systemd/journald.conf.d/lab.conf"
	# Connections are counted in the journal: every one, also those that never log in.
	echo 'LogLevel VERBOSE' >"$root/etc/ssh/sshd_config.d/lab.conf"
}

# The containers' cgroups have no controllers here.
containers() {
	mkdir -p "$root/etc/containers/containers.conf.d"
	printf '[containers]\npids_limit = 0\n' >"$root/etc/containers/containers.conf.d/lab.conf"
}

main
