#!/usr/bin/env bash
# Mounts disks by UUID with systemd mount units; makes a file system only on a disk that is blank.
#
# Inputs: file `disks` beside it, a line per disk: device, mount point, file system to make, format (never, if-blank)
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=lib-systemd.sh
. "$here/lib-systemd.sh"
# shellcheck source=lib-packages.sh
. "$here/lib-packages.sh"
# shellcheck source=/dev/null
. "$here/step.env"

main() {
  local device mount filesystem format
  # All are looked at before one is touched.
  while read -r device mount filesystem format; do
    wait_until 5 is_disk "$device" || missing_disk "$device"
    check_mount_point "$device" "$mount"
  done <"$here/disks"
  while read -r device mount filesystem format; do
    [[ $format == never ]] || format_if_blank "$device" "$filesystem"
    mount_disk "$device" "$mount"
  done <"$here/disks"
  # Tells SSDs which blocks are free, once a week.
  systemctl enable --quiet --now fstrim.timer 2>/dev/null || true
}

is_disk() { lsblk --nodeps "$1" >/dev/null 2>&1; }

missing_disk() {
  {
    echo "disks of this host:"
    lsblk --nodeps --output NAME,SIZE,MODEL,SERIAL
    find /dev/disk/by-id -type l -not -name '*-part[0-9]*' -printf '%p -> %l\n' | sort
  } >&2 || true
  fatal "disk '$1' is not there (those that are, are listed above): connect it, or correct 'disks' of the host in cluster.yaml"
}

# Mounting over files would hide them, mounting over another disk would take it away from its users.
check_mount_point() {
  local device=$1 mount=$2 mounted
  mounted=$(findmnt --noheadings --output SOURCE --mountpoint "$mount" | tail -n 1 || true)
  if [[ -n $mounted ]]; then
    same_device "$mounted" "$device" ||
      fatal "'$mounted' is mounted at '$mount' where '$device' belongs: unmount it, or correct 'disks' of the host in cluster.yaml"
  elif [[ -d $mount && -n $(ls -A "$mount") ]]; then
    fatal "'$mount' has files on the system's disk which mounting '$device' would hide: move them away"
  fi
}

same_device() { [[ $(readlink -f "$1") == "$(readlink -f "$2")" ]]; }

# Blank: no signature of any file system, RAID, volume manager, encryption or partition table, no partitions, no user.
format_if_blank() {
  local device=$1 filesystem=$2 status=0
  blkid --probe "$device" >/dev/null 2>&1 || status=$?
  # 2: nothing found. 8: contradictory signatures, which is not nothing.
  if ((status != 2)) || [[ -n $(wipefs --no-act --noheadings "$device") || $(lsblk --noheadings "$device" | wc -l) != 1 ]]; then
    return
  fi
  install_packages apt e2fsprogs xfsprogs
  install_packages dnf e2fsprogs xfsprogs
  info "making $filesystem on $device"
  case $filesystem in
    # No blocks kept back for root: there is no system on it.
    ext4) mkfs.ext4 -q -m 0 "$device" ;;
    *) mkfs.xfs -q "$device" ;;
  esac || fatal "'$device' cannot be formatted (the message is above): see 'dmesg' for errors of the disk"
}

mount_disk() {
  local device=$1 mount=$2 uuid type unit next
  uuid=$(blkid --probe --match-tag UUID --output value "$device" || true)
  type=$(blkid --probe --match-tag TYPE --output value "$device" || true)
  case $type in
    ext4 | xfs | btrfs | f2fs) ;;
    '') fatal "'$device' has no file system: set 'format: if-blank' in cluster.yaml if the disk is empty and may be formatted" ;;
    *) fatal "'$device' holds '$type', which cannot be mounted as it is: use another disk, or empty this one ('wipefs --all $device' destroys what is on it)" ;;
  esac
  # udev names it by its UUID, mostly before it is asked to.
  udevadm trigger --action=change --name-match="$device" || true
  unit=$(systemd-escape --path --suffix=mount "$mount")
  next=$(mktemp)
  mount_unit "$uuid" "$mount" "$type" >"$next"
  place_file 0644 root:root "$next" "/etc/systemd/system/$unit" "$unit"
  rm -f "$next"
  install -d "$mount"
  # A changed unit of a mounted disk is for the next boot: its users would be stopped.
  if findmnt --mountpoint "$mount" >/dev/null; then clear_changed "$unit"; fi
  start_unit "$unit" "see 'dmesg' for errors of the disk, and 'lsblk --fs' for another one with the same UUID"
  info "$mount is on $device ($type)"
}

# A machine whose disk is missing still boots, and can be reached.
mount_unit() {
  cat <<END
[Unit]
Description=Disk of $2

[Mount]
What=/dev/disk/by-uuid/$1
Where=$2
Type=$3
Options=noatime

[Install]
WantedBy=local-fs.target
END
}

main "$@"
