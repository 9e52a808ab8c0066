#!/usr/bin/env bash
# Removes the cluster's rules from this host's firewall. Installed by the firewall's step, run when the host leaves the
# cluster.
set -euo pipefail
umask 022

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib-firewalld.sh
. "$here/lib-firewalld.sh"
# shellcheck source=lib-ufw.sh
. "$here/lib-ufw.sh"
# shellcheck source=lib-uninstall.sh
. "$here/lib-uninstall.sh"

main() {
  local file found=
  for file in /etc/firewalld/{policies,zones,ipsets}/k3s-cdk*.xml; do
    [[ -e $file ]] || continue
    rm -f "$file"
    found=yes
  done
  if [[ -n $found ]] && systemctl is-active --quiet firewalld.service; then reload_firewalld; fi
  if grep -qs '^# BEGIN k3s-cdk$' /etc/ufw/before.rules /etc/ufw/before6.rules; then
    sed -i '/^# BEGIN k3s-cdk$/,/^# END k3s-cdk$/d' /etc/ufw/before.rules /etc/ufw/before6.rules
    if grep -qsi '^ENABLED=yes' /etc/ufw/ufw.conf; then restart_ufw; fi
  fi
  remove_unit k3s-cdk-firewall.service
  rm -f /etc/k3s-cdk/nftables.rules /usr/local/libexec/k3s-cdk/nftables.sh
  rmdir /etc/k3s-cdk /usr/local/libexec/k3s-cdk 2>/dev/null || true
  rm -f "$0"
}

main "$@"
