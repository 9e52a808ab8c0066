#!/bin/busybox sh
# shellcheck shell=dash
# First process of a virtual machine: mounts its disk, makes it a host of its own at its first boot, and hands over to its
# systemd. /identity and /provision.env are of the lab, one archive per host.
set -eu

main() {
	mkdir -p /proc /sys /dev /host
	mount -t proc proc /proc
	mount -t sysfs sys /sys
	mount -t devtmpfs dev /dev
	# A network card that is there from the beginning is not waited for.
	while read -r module; do
		insmod "/modules/$module"
	done </modules/order
	mount -t ext4 -o noatime "$(disk lab-root)" /host
	[ -e /host/var/lib/lab-provisioned ] || provision
	[ -d /host/srv/rpm ] && packages=/host/srv/rpm || packages=/host/srv/apt
	mount -t ext4 -o ro "$(disk lab-packages)" "$packages"
	umount /proc /sys /dev
	exec switch_root /host /sbin/init
}

# disk SERIAL: the device. Their order is nobody's promise.
disk() {
	for block in /sys/block/vd*; do
		if [ "$(cat "$block/serial")" = "$1" ]; then
			echo "/dev/${block##*/}"
			return
		fi
	done
	echo "no disk has the serial number $1" >&2
	return 1
}

provision() {
	cp -a /identity/. /host/
	# shellcheck disable=SC1091 # of the second archive
	(. /provision.env && chroot /host /usr/bin/env PATH=/usr/sbin:/usr/bin:/sbin:/bin /bin/bash -s </provision.sh)
	[ ! -e /host/etc/selinux/config ] || labels
	sync
	touch /host/var/lib/lab-provisioned
}

# What has been written without a policy has no label.
labels() {
	# shellcheck disable=SC2016 # of the host
	chroot /host /usr/bin/env PATH=/usr/sbin:/usr/bin /bin/sh -c '. /etc/selinux/config
		setfiles -F "/etc/selinux/$SELINUXTYPE/contexts/files/file_contexts" /etc /home /root /var/lib/systemd'
}

export PATH=/bin
main
