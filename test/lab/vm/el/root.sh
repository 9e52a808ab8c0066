#!/bin/sh
# Makes the root of a Debian host one that is to be Enterprise Linux: RPMs, dnf, no apt, SELinux enforcing, firewalld,
# NetworkManager. Arguments: the root, the mount point of the repository in a host.
# Environment: LAB_SELINUX_POLICY, a folder that is laid over the root instead of Debian's policy (optional).
set -eu
root=$1
repository=$2
here=$(dirname "$0")

main() {
	packages
	policy
	system
	services
	labels
}

packages() {
	build=$root/tmp/lab
	mkdir -p "$build" "$root$repository" "$root/etc/rpm"
	# Debian's rpm has it in the home folder of whoever calls.
	echo '%_dbpath /var/lib/rpm' >"$root/etc/rpm/macros"
	cp "$here/make_rpms.py" "$here/rpms.txt" "$build"
	chroot "$root" env HOME=/root python3 /tmp/lab/make_rpms.py "$repository"
	rm -rf "$build" "$root/root/rpmbuild" "$root/srv/apt"
	for program in apt apt-get apt-cache apt-config apt-mark dpkg dpkg-query dpkg-deb dpkg-divert; do
		rm -f "$root/usr/bin/$program"
	done
	rm -rf "$root/etc/yum.repos.d"
	mkdir -p "$root/etc/yum.repos.d"
	for name in system modules newer; do
		enabled=1
		[ "$name" != newer ] || enabled=0
		printf '[%s]\nname=%s\nbaseurl=file://%s/%s\nenabled=%s\ngpgcheck=0\n' "$name" "$name" "$repository" "$name" "$enabled"
	done >"$root/etc/yum.repos.d/lab.repo"
}

policy() {
	if [ -n "${LAB_SELINUX_POLICY:-}" ]; then
		rm -rf "$root/etc/selinux" "$root/var/lib/selinux"
		cp -a "$LAB_SELINUX_POLICY/." "$root/"
	else
		# On there, and off in Debian.
		printf '%s=1\n' allow_execmem container_use_hugetlbfs nfs_export_all_ro nfs_export_all_rw \
			>>"$root/var/lib/selinux/default/active/booleans.local"
		cp "$here/selinux-policy.cil" "$here/container-selinux.cil" "$here/debian.cil" "$root/tmp"
		# Only who opens a pipe needs its categories there: containers get theirs from podman, open.
		chroot "$root" sh -c 'cd /tmp && semodule --cil --extract=base && \
			sed -i -E "/^\(mlsconstrain \(fifo_file /s/\((ioctl|create) [a-z_ ]*open\)\)/(open))/" base.cil && \
			semodule --noreload --install=base.cil --install=selinux-policy.cil --install=container-selinux.cil --install=debian.cil && \
			rm ./*.cil'
	fi
	sed -i 's/^SELINUX=.*/SELINUX=enforcing/' "$root/etc/selinux/config"
}

system() {
	cat >"$root/etc/os-release" <<-'END'
		NAME="Oracle Linux Server"
		VERSION="10.0"
		ID="ol"
		ID_LIKE="fedora"
		VERSION_ID="10.0"
		PRETTY_NAME="Oracle Linux Server 10.0 (stand-in of the lab)"
	END
	printf '[main]\nplugins=keyfile\ndns=none\n' >"$root/etc/NetworkManager/NetworkManager.conf"
}

services() {
	systemctl --quiet --root="$root" disable systemd-networkd.service systemd-networkd-wait-online.service
	systemctl --quiet --root="$root" enable NetworkManager.service NetworkManager-wait-online.service \
		firewalld.service auditd.service
}

# So that it is enforcing from the first process on.
labels() {
	# shellcheck disable=SC2016 # of the root
	chroot "$root" sh -c '. /etc/selinux/config
		setfiles -F "/etc/selinux/$SELINUXTYPE/contexts/files/file_contexts" /'
}

main
