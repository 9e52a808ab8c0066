# shellcheck shell=bash
# Unmounts disks. Part of purge-data.sh.
#
# Input: MOUNTS, mount points of disks that were declared for this host, separated by newlines

# The file systems stay, empty.
purge_disks() {
  local mount unit
  while read -r mount; do
    [[ -n $mount ]] || continue
    unit=$(systemd-escape --path --suffix=mount "$mount")
    grep -qsxF "Description=Disk of $mount" "/etc/systemd/system/$unit" || continue
    systemctl disable --quiet --now "$unit" || fatal "'$mount' cannot be unmounted: see 'fuser -vm $mount'"
    rm -f "/etc/systemd/system/$unit"
    systemctl daemon-reload
    rmdir "$mount" 2>/dev/null || true
    echo "the disk at $mount is unmounted"
  done <<<"${MOUNTS?}"
}
