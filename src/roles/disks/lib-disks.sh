# shellcheck shell=bash
# Checks a disk before anything is done to it. Changes nothing. Needs lib.sh.

is_disk() { lsblk --nodeps "$1" >/dev/null 2>&1; }

missing_disk() {
  {
    echo "disks of this host:"
    lsblk --nodeps --output NAME,SIZE,MODEL,SERIAL
    find /dev/disk/by-id -type l -not -name '*-part[0-9]*' -printf '%p -> %l\n' | sort
  } >&2 || true
  fatal "disk '$1' was not found (the disks of this host are listed above): connect it, or correct 'disks' of the host in cluster.yaml"
}

# Mounting over files would hide them, mounting over another disk would take it away from its users.
check_mount_point() {
  local device=$1 mount=$2 mounted
  mounted=$(findmnt --noheadings --output SOURCE --mountpoint "$mount" | tail -n 1 || true)
  if [[ -n $mounted ]]; then
    same_device "$mounted" "$device" ||
      fatal "'$mounted' is mounted at '$mount' where '$device' belongs: unmount it, or correct 'disks' of the host in cluster.yaml"
  elif [[ -d $mount && -n $(ls -A --ignore=.k3s-cdk-data "$mount") ]]; then
    fatal "'$mount' has files on the system's disk which mounting '$device' would hide: move them away"
  fi
}

same_device() { [[ $(readlink -f "$1") == "$(readlink -f "$2")" ]]; }

# Blank: no signature of any file system, RAID, volume manager, encryption or partition table, no partitions, and zeros
# wherever it is read: random data, archives and damaged file systems have no signature.
is_blank() {
  local status=0 place
  blkid --probe "$1" >/dev/null 2>&1 || status=$?
  # 2: nothing found. 8: contradictory signatures, which is not nothing.
  ((status == 2)) && [[ -z $(wipefs --no-act --noheadings "$1") && $(lsblk --noheadings "$1" | wc -l) == 1 ]] || return 1
  # A disk that cannot be read is not blank.
  place=$(first_data "$1") || exit 1
  [[ -z $place ]]
}

# How much is read at both ends of a disk, at how many places between, how much at each, and for how long at most: some
# seconds on a slow hard disk.
readonly edge_bytes=$((4 << 20)) sample_count=128 sample_bytes=$((32 << 10)) sample_seconds=120

# first_data DEVICE: offset in bytes of the first data that is not zeros; nothing if there is none.
first_data() {
  local size offset length deadline=$((SECONDS + sample_seconds))
  size=$(blockdev --getsize64 "$1") || size=0
  ((size > 0)) ||
    fatal "'$1' has no size: see 'dmesg' for errors of the disk, and whether a card is in its reader"
  while read -r offset length; do
    ((offset < size)) || continue
    ((SECONDS < deadline)) ||
      fatal "'$1' is too slow to be checked ($sample_seconds seconds): see 'dmesg' for errors of the disk"
    if ! has_zeros "$1" "$offset" "$((length < size - offset ? length : size - offset))"; then
      printf '%s\n' "$offset"
      return
    fi
  done < <(sample_places "$size")
}

# sample_places SIZE: lines of an offset and a length.
sample_places() {
  local index group
  printf '%s\n' "0 $edge_bytes" "$(($1 > edge_bytes ? $1 - edge_bytes : 0)) $edge_bytes"
  # Copies of superblocks, in case the start has been wiped: Btrfs, ext4 with blocks of 4 and of 1 KiB.
  printf '%s\n' "$((64 << 20)) $sample_bytes"
  for group in 1 3 5 7 9 25 27 49; do
    printf '%s\n' "$((group * (128 << 20))) $sample_bytes" "$((group * (8 << 20))) $sample_bytes"
  done
  for ((index = 1; index < sample_count; index++)); do
    printf '%s\n' "$(($1 * index / sample_count & ~4095)) $sample_bytes"
  done
}

# has_zeros DEVICE OFFSET LENGTH
has_zeros() {
  local status=0
  cmp --quiet --ignore-initial="$2:0" --bytes="$3" "$1" /dev/zero || status=$?
  ((status < 2)) || fatal "'$1' cannot be read at byte $2 (the reason is above): see 'dmesg' for errors of the disk"
  return "$status"
}

filesystem_type() { blkid --probe --match-tag TYPE --output value "$1" || true; }

# check_filesystem DEVICE TYPE FORMAT: requires a mountable one on a disk that is not going to be formatted.
check_filesystem() {
  case $2 in
    ext4 | xfs | btrfs | f2fs) ;;
    '') no_filesystem "$1" "$3" ;;
    *) fatal "'$1' holds '$2', which cannot be mounted as it is: use another disk, or empty this one ('wipefs --all $1' destroys what is on it)" ;;
  esac
}

# no_filesystem DEVICE FORMAT
no_filesystem() {
  local offset what='it has partitions, or traces of them'
  [[ $2 != never ]] ||
    fatal "'$1' has no file system: set 'format: if-blank' in cluster.yaml if the disk is empty and may be formatted"
  offset=$(first_data "$1") || exit 1
  [[ -z $offset ]] ||
    what="at byte $offset there is data of no known kind, as of an encrypted disk, an archive or a damaged file system"
  fatal "'$1' is not blank, so it is not formatted: $what; use another disk, or make its file system yourself if nothing on it is needed ('wipefs --all $1 && mkfs.ext4 -m 0 $1' destroys it)"
}
