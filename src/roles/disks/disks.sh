#!/usr/bin/env bash
# Mounts disks by UUID with systemd mount units; creates a file system only on a blank disk.
#
# Inputs (step.env):
#   EXT4_PACKAGE, XFS_PACKAGE  packages with the programs that make these file systems
# File `disks` beside it, a line per disk: device, mount point, file system to make, format (never, if-blank)
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=lib-systemd.sh
. "$here/lib-systemd.sh"
# shellcheck source=lib-packages.sh
. "$here/lib-packages.sh"
# shellcheck source=lib-disks.sh
. "$here/lib-disks.sh"
# shellcheck source=/dev/null
. "$here/step.env"

main() {
  local device mount filesystem format
  local -A blank=()
  # All are checked before any is touched.
  while read -r device mount filesystem format; do
    wait_until 5 is_disk "$device" || missing_disk "$device"
    check_mount_point "$device" "$mount"
    if [[ $format != never ]] && is_blank "$device"; then
      blank[$device]=1
    else
      check_filesystem "$device" "$(filesystem_type "$device")" "$format"
    fi
  done <"$here/disks"
  while read -r device mount filesystem format; do
    [[ -z ${blank[$device]:-} ]] || make_filesystem "$device" "$filesystem"
    mount_disk "$device" "$mount"
  done <"$here/disks"
  # Reports free blocks to SSDs, once a week.
  systemctl is-active --quiet fstrim.timer || systemctl enable --quiet --now fstrim.timer 2>/dev/null || true
}

make_filesystem() {
  local device=$1 filesystem=$2 package=${EXT4_PACKAGE:?}
  [[ $filesystem == ext4 ]] || package=${XFS_PACKAGE:?}
  install_packages "$(package_manager)" "$package"
  info "making $filesystem on $device"
  case $filesystem in
    # No blocks reserved for root: there is no system on it.
    ext4) mkfs.ext4 -q -m 0 "$device" ;;
    *) mkfs.xfs -q "$device" ;;
  esac || fatal "'$device' cannot be formatted (the message is above): see 'dmesg' for errors of the disk"
}

mount_disk() {
  local device=$1 mount=$2 uuid type unit next
  uuid=$(blkid --probe --match-tag UUID --output value "$device" || true)
  type=$(filesystem_type "$device")
  # udev creates the link for its UUID, usually before it is asked to.
  udevadm trigger --action=change --name-match="$device" || true
  unit=$(systemd-escape --path --suffix=mount "$mount")
  next=$(mktemp)
  mount_unit "$uuid" "$mount" "$type" >"$next"
  place_file 0644 root:root "$next" "/etc/systemd/system/$unit" "$unit"
  rm -f "$next"
  install -d "$mount"
  # A changed unit of a mounted disk takes effect at the next boot: now, the services that use it would be stopped.
  if findmnt --mountpoint "$mount" >/dev/null; then clear_changed "$unit"; fi
  start_unit "$unit" "see 'dmesg' for errors of the disk, and 'lsblk --fs' for another one with the same UUID"
  info "$mount is on $device ($type)"
}

# A machine with a missing disk still boots, and can be reached.
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
