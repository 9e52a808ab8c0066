#!/usr/bin/env bash
# Removes the restrictions on pods. Installed by the firewall's step on nodes, run when the host is no longer a node,
# after k3s and its pods are gone.
set -euo pipefail
umask 022

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib-uninstall.sh
. "$here/lib-uninstall.sh"

main() {
  remove_unit k3s-cdk-pods.service
  nft delete table inet k3s-cdk-pods 2>/dev/null || true
  rm -f /etc/k3s-cdk/pods.nft /usr/local/libexec/k3s-cdk/pods-table.sh
  rmdir /etc/k3s-cdk /usr/local/libexec/k3s-cdk 2>/dev/null || true
  rm -f "$0"
}

main "$@"
