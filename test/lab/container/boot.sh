#!/usr/bin/env bash
# Mounts one host's file systems in the mount namespace it is started in, and becomes its systemd-nspawn.
# Environment: see supervise.sh; DEVICES has "/dev/loopN /dev/disk/by-id/name" lines.
set -euo pipefail

# Directories that are no overlay: rootless container storage, itself an overlay, cannot sit on one.
readonly real_directories=(/home /srv /var/lib/rancher /var/lib/containers /var/lib/k3s-etcd)
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here
# shellcheck disable=SC2153 # of the environment
storage=$DIRECTORY/storage
merged=$DIRECTORY/root
options=()

main() {
	# Its own, or all hosts' systemd would work in one and the same, and wait for the end of each other's processes.
	echo $$ >"$CGROUP/cgroup.procs"
	mount_storage
	mount_root
	name_disks
	[[ -e $storage/provisioned ]] || provision
	[[ -z $SHARED ]] || options+=("--bind-ro=$SHARED:/opt/lab")
	[[ -z $PERSONALITY ]] || options+=("--personality=$PERSONALITY")
	# CAP_SYS_TIME: the machine's clock is everybody's, no host may set it.
	export SYSTEMD_NSPAWN_API_VFS_WRITABLE=1 SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
	exec systemd-nspawn --boot --quiet --register=no --keep-unit --console=read-only \
		--machine="$MACHINE" --hostname="$HOST_NAME" --directory="$merged" \
		--network-namespace-path="/run/netns/$NAMESPACE" --resolv-conf=off --timezone=off --link-journal=no \
		--capability=all --drop-capability=CAP_SYS_TIME \
		--system-call-filter='add_key keyctl request_key bpf' \
		--bind=/dev/net/tun --bind=/dev/fuse --bind=/dev/kmsg \
		--bind-ro="$REPOSITORY:$REPOSITORY_MOUNT" "${options[@]}"
}

mount_storage() {
	mkdir -p "$storage"
	if [[ -n $STORAGE ]]; then
		mount -o loop "$storage.img" "$storage"
	fi
	mkdir -p "$storage/upper" "$storage/work"
}

mount_root() {
	mkdir -p "$merged"
	mount -t overlay overlay -o "lowerdir=$ROOT,upperdir=$storage/upper,workdir=$storage/work" "$merged"
	local directory
	for directory in "${real_directories[@]}"; do
		mkdir -p "$storage/real$directory" "$merged$directory"
		options+=("--bind=$storage/real$directory:$directory")
	done
}

# The host's udev names its disks as cluster.yaml does, and replays the events of no other device of the machine.
name_disks() {
	local device link
	local rules=$merged/etc/udev/rules.d/99-lab-disks.rules
	local service=$merged/etc/systemd/system/systemd-udev-trigger.service.d/lab.conf
	mkdir -p "${rules%/*}" "${service%/*}"
	: >"$rules"
	while read -r device link; do
		[[ -n $device ]] || continue
		options+=("--bind=$device")
		echo "KERNEL==\"${device#/dev/}\", SYMLINK+=\"${link#/dev/}\"" >>"$rules"
		set -- "$@" "/sys/block/${device#/dev/}"
	done <<<"$DEVICES"
	echo '[Service]' >"$service"
	echo 'ExecStart=' >>"$service"
	if (($# == 0)); then
		echo 'ExecStart=true' >>"$service"
	else
		echo "ExecStart=udevadm trigger --action=add $*" >>"$service"
		# Systemd listens to udev only if there is one when it starts; in a container there is none that early.
		echo 'ExecStart=systemctl daemon-reexec' >>"$service"
	fi
}

provision() {
	mkdir -p "$merged/home"
	mount --bind "$storage/real/home" "$merged/home"
	cp -r "$DIRECTORY/identity/." "$merged"
	chroot "$merged" /bin/bash -s <"$here/../debian/provision.sh"
	umount "$merged/home"
	touch "$storage/provisioned"
}

main "$@"
