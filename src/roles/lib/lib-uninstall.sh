# shellcheck shell=bash
# What uninstallers and purges share. Needs nothing.

# remove_unit UNIT: one that we put into /etc/systemd/system.
remove_unit() {
  [[ -e /etc/systemd/system/$1 ]] || return 0
  systemctl disable --quiet --now "$1" || return 1
  rm -f "/etc/systemd/system/$1"
  systemctl daemon-reload
  systemctl reset-failed "$1" 2>/dev/null || true
}

# mounts_below FOLDER: deepest first, without the folder itself, which may be one of the host's mounts. rm and find
# would descend into a mount of the same file system.
mounts_below() {
  local mount
  while read -r mount; do
    # /proc/mounts writes blanks as \040.
    printf '%b\n' "$mount"
  done < <(awk -v folder="$1/" 'index($2, folder) == 1 { print $2 }' /proc/self/mounts | sort -r)
}

# require_no_mount_below FOLDER
require_no_mount_below() {
  local mounts
  mounts=$(mounts_below "$1")
  [[ -n $mounts ]] || return 0
  printf "error: %s: something is mounted at '%s', so '%s' is not removed: unmount it, then run this again\n" \
    "$(uname -n)" "${mounts##*$'\n'}" "$1" >&2
  exit 1
}
