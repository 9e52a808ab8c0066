#!/usr/bin/env bash
# Stops serving the cluster's storage; its contents stay. Installed by the NFS server's step, run when the host leaves
# the cluster.
set -euo pipefail
umask 022

readonly state=/var/lib/k3s-cdk/nfs conf=/etc/nfs.conf.d/k3s-cdk.conf
readonly drop_in=/etc/systemd/system/nfs-server.service.d/50-k3s-cdk.conf

main() {
  rm -f /etc/exports.d/k3s-cdk.exports
  exportfs -ra || true
  give_back_settings
  rm -f "$conf" "$drop_in"
  rmdir /etc/exports.d /etc/nfs.conf.d "${drop_in%/*}" 2>/dev/null || true
  systemctl daemon-reload
  if [[ -n $(exportfs -s 2>/dev/null) ]]; then
    systemctl try-restart nfs-server.service || true
  else
    systemctl disable --quiet --now nfs-server.service 2>/dev/null || true
  fi
  give_back_units
  rm -f "$state"/units-before{,.next}
  rmdir "$state" 2>/dev/null || true
  rm -f "$0"
}

# From a release that reads only one file.
give_back_settings() {
  local setting
  [[ -e $conf ]] || return 0
  while read -r setting; do
    [[ $setting == *=* ]] || continue
    ! grep -qxF "${setting%=*}=${setting#*=}" /etc/nfs.conf 2>/dev/null || nfsconf --unset nfsd "${setting%=*}" || true
  done <"$conf"
}

# Masked by the step; nobody needs those that came with the packages.
give_back_units() {
  local unit
  for unit in rpcbind.socket rpcbind.service rpc-statd.service; do
    [[ $(systemctl is-enabled "$unit" 2>/dev/null) == masked* ]] || continue
    systemctl unmask --quiet "$unit"
    if grep -qxF "$unit" "$state/units-before" 2>/dev/null; then
      systemctl start "$unit" || true
    else
      systemctl disable --quiet "$unit" 2>/dev/null || true
    fi
  done
}

main "$@"
