#!/usr/bin/env bash
# Serves a directory to the cluster's nodes by the kernel's NFS server, version 4.2 only.
#
# Inputs (step.env):
#   EXPORT_PATH  directory to export
#   APT_PACKAGES, DNF_PACKAGES  the server
#   ADOPT        true if it may have its owner's files, which keep their owner
# Files beside it: nfs.conf, nfs-server.dropin, k3s-cdk.exports, uninstall-nfs.sh
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=lib-folders.sh
. "$here/lib-folders.sh"
# shellcheck source=lib-systemd.sh
. "$here/lib-systemd.sh"
# shellcheck source=lib-packages.sh
. "$here/lib-packages.sh"
# shellcheck source=/dev/null
. "$here/step.env"

readonly unit=nfs-server.service exports=nfs-server.exports

main() {
  : "${EXPORT_PATH:?}" "${ADOPT:?}"
  check_folder "$EXPORT_PATH" volumes "$ADOPT"
  place_file 0755 root:root "$here/uninstall-nfs.sh" /usr/local/lib/k3s-cdk/uninstall.d/42-nfs
  note_units
  # Before the package, whose scripts start them. NFS 4 needs neither, and their ports need not be open.
  systemctl mask --quiet --now rpcbind.socket rpcbind.service rpc-statd.service 2>/dev/null || true
  place_file 0644 root:root "$here/nfs.conf" /etc/nfs.conf.d/k3s-cdk.conf "$unit"
  install_step_packages
  require_configuration
  claim_folder "$EXPORT_PATH" volumes "$ADOPT"
  outlive_mounts
  place_file 0644 root:root "$here/k3s-cdk.exports" /etc/exports.d/k3s-cdk.exports "$exports"
  start_unit "$unit" "if the kernel has no NFS server, install its extra modules ('modprobe nfsd' says so)"
  serve_exports
  require_versions
  info "serving $EXPORT_PATH"
}

# Records what is enabled before it is masked, for when this host leaves the cluster.
note_units() {
  local name note=/var/lib/k3s-cdk/nfs/units-before
  [[ ! -e $note ]] || return 0
  install -d -m 0700 "${note%/*}"
  for name in rpcbind.socket rpcbind.service rpc-statd.service; do
    ! systemctl is-enabled --quiet "$name" 2>/dev/null || printf '%s\n' "$name"
  done >"$note.next"
  mv -fT "$note.next" "$note"
}

# Pods on this host mount its own export. At shutdown these mounts have to go first: without a server, unmounting takes
# minutes. If the exported file system is itself on the network, that order is not possible.
outlive_mounts() {
  local drop_in=/etc/systemd/system/$unit.d/50-k3s-cdk.conf mount
  mount=$(systemd-escape --path --suffix=mount "$(findmnt --first-only --noheadings --output TARGET --target "$EXPORT_PATH")")
  if grep -qw remote-fs-pre.target <<<"$(systemctl show --property After -- "$mount")"; then
    remove_file "$drop_in"
  else
    place_file 0644 root:root "$here/nfs-server.dropin" "$drop_in"
  fi
}

# Configuration folders came with nfs-utils 2.5; older ones have a single file.
require_configuration() {
  local setting
  [[ $(nfsconf --get nfsd vers3 || true) != n ]] || return 0
  while read -r setting; do
    [[ $setting == *=* ]] && nfsconf --set nfsd "${setting%=*}" "${setting#*=}"
  done <"$here/nfs.conf"
  mark_changed "$unit"
}

serve_exports() {
  is_changed "$exports" || return 0
  exportfs -ra || fatal "the exports cannot be read (the message is above): correct other files in /etc/exports.d"
  clear_changed "$exports"
}

require_versions() {
  local versions=/proc/fs/nfsd/versions
  [[ -e $versions ]] || return 0
  if grep -qE '\+(2|3|4\.0|4\.1)( |$)' "$versions" || ! grep -q '+4\.2' "$versions"; then
    fatal "the NFS server offers versions '$(<"$versions")' instead of 4.2 alone: see /etc/nfs.conf and /etc/nfs.conf.d"
  fi
}

main "$@"
