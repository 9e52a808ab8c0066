#!/usr/bin/env bash
# Lets pods go where they want again. Installed by the firewall's step on nodes, run when the host is a node no longer, after
# k3s and its pods are gone.
set -euo pipefail
umask 022

readonly unit=k3s-cdk-pods.service

main() {
  if [[ -e /etc/systemd/system/$unit ]]; then
    systemctl disable --quiet --now "$unit"
    rm -f "/etc/systemd/system/$unit"
    systemctl daemon-reload
    systemctl reset-failed "$unit" 2>/dev/null || true
  fi
  nft delete table inet k3s-cdk-pods 2>/dev/null || true
  rm -f /etc/k3s-cdk/pods.nft /usr/local/libexec/k3s-cdk/pods-table.sh
  rmdir /etc/k3s-cdk /usr/local/libexec/k3s-cdk 2>/dev/null || true
  rm -f "$0"
}

main "$@"
