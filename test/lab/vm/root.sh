#!/bin/sh
# What the root of a virtual machine has beside that of ../debian/root.sh: a kernel, and a network that it sets up itself.
# Arguments: the root, the packages of its kernels.
set -eu
root=$1
shift

for kernel; do dpkg-deb --extract "$kernel" "$root"; done
for modules in "$root"/usr/lib/modules/*; do
	chroot "$root" depmod "${modules##*/}"
done
systemctl --quiet --root="$root" enable systemd-networkd.service
# There is no screen.
systemctl --quiet --root="$root" mask getty@tty1.service
# Like on every machine that somebody has installed: waited for by what asks for it, and by nothing else.
systemctl --quiet --root="$root" enable systemd-networkd-wait-online.service

# It notes everything that it is asked for, in the journal, which tests read.
mkdir -p "$root/etc/systemd/system/qemu-guest-agent.service.d"
printf '[Service]\nLogLevelMax=warning\n' >"$root/etc/systemd/system/qemu-guest-agent.service.d/lab.conf"

# Up to date: the first boot need not rebuild what the packages have just built.
touch "$root/etc/.updated" "$root/var/.updated"
