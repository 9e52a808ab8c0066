#!/usr/bin/env bash
# Runs one host: its network, then systemd-nspawn, again after a reboot of the host, until it is powered off.
# Every boot gets a new network namespace, so that no address and no firewall rule outlives the host that set it.
#
# Environment:
#   LAB_NAMESPACE   network namespace with the lab's bridge
#   NAMESPACE       network namespace of the host
#   CGROUP          the host's cgroup
#   PORT            the host's end of the bridge: name of the interface in LAB_NAMESPACE
#   MAC             the host's MAC address
#   ADDRESSES       "address/length gateway" lines
#   HOST_NAME       host name
#   MACHINE         name for systemd-nspawn, unique on the machine
#   DIRECTORY       the host's own directory
#   ROOT            read-only root file system
#   REPOSITORY, REPOSITORY_MOUNT   package repository, and where the host sees it
#   STORAGE         size of the host's storage in MiB, or empty
#   DISKS           "image /dev/disk/by-id/name" lines
#   PERSONALITY     for systemd-nspawn, or empty
#   SHARED          folder that the host sees as /opt/lab, or empty
#   LAB_USER, SSH_PORT, SUDO   for ../debian/provision.sh
set -euo pipefail

# systemd-nspawn --keep-unit exits so when the host asked for a reboot.
readonly reboot_status=133
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here

main() {
	trap network_down EXIT
	mkdir -p "$CGROUP"
	attach_disks
	local status
	while :; do
		network_up
		status=0
		# Mounts are made in a mount namespace, which takes them along when its last process ends. `slave`: the other
		# way round it would hold on to mounts that the machine has unmounted, namespaces of other hosts among them.
		unshare --mount --propagation slave bash "$here/boot.sh" &
		echo $! >"$DIRECTORY/nspawn.pid"
		wait $! || status=$?
		[[ $status == "$reboot_status" ]] || break
	done
	echo "powered off, systemd-nspawn ended with status $status"
}

# A loop device per disk. The kernel detaches it when nobody has it open any more, this script included.
attach_disks() {
	local image link device
	DEVICES=
	while read -r image link; do
		[[ -n $image ]] || continue
		device=$(losetup --find --show "$image")
		# shellcheck disable=SC2034 # never closed
		exec {kept_open}<"$device"
		losetup --detach "$device"
		DEVICES+="$device $link"$'\n'
	done <<<"$DISKS"
	export DEVICES
}

network_up() {
	network_down
	ip netns add "$NAMESPACE"
	ip -n "$NAMESPACE" link set lo up
	ip -n "$LAB_NAMESPACE" link add "$PORT" type veth \
		peer name eth0 address "$MAC" netns "$NAMESPACE"
	ip -n "$LAB_NAMESPACE" link set "$PORT" master bridge up
	ip -n "$NAMESPACE" link set eth0 up
	while read -r address gateway; do
		case $address in
		*:*) ip -n "$NAMESPACE" address add "$address" dev eth0 nodad ;;
		*) ip -n "$NAMESPACE" address add "$address" dev eth0 ;;
		esac
		ip -n "$NAMESPACE" route add default via "$gateway"
	done <<<"$ADDRESSES"
}

network_down() {
	ip -n "$LAB_NAMESPACE" link delete "$PORT" 2>/dev/null || true
	ip netns delete "$NAMESPACE" 2>/dev/null || true
}

main "$@"
