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
	mkdir -p "$root/var/log/journal"
	# Connections are counted in the journal: every one, also those that never log in.
	echo 'LogLevel VERBOSE' >"$root/etc/ssh/sshd_config.d/lab.conf"
}

main
