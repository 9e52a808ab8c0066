# shellcheck shell=bash
# What a disk must be like before anything is done to it. Changes nothing. Needs lib.sh.

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
is_blank() {
  local status=0
  blkid --probe "$1" >/dev/null 2>&1 || status=$?
  # 2: nothing found. 8: contradictory signatures, which is not nothing.
  ((status == 2)) && [[ -z $(wipefs --no-act --noheadings "$1") && $(lsblk --noheadings "$1" | wc -l) == 1 ]]
}

filesystem_type() { blkid --probe --match-tag TYPE --output value "$1" || true; }

# check_filesystem DEVICE TYPE: one that can be mounted.
check_filesystem() {
  case $2 in
    ext4 | xfs | btrfs | f2fs) ;;
    '') fatal "'$1' has no file system: set 'format: if-blank' in cluster.yaml if the disk is empty and may be formatted" ;;
    *) fatal "'$1' holds '$2', which cannot be mounted as it is: use another disk, or empty this one ('wipefs --all $1' destroys what is on it)" ;;
  esac
}
