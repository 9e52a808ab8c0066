#!/usr/bin/env bash
# Starts k3s on a server after a restore, and waits until its API is ready. Last line: 'ready', 'absent' where there is no
# k3s, or 'elsewhere' where it stays stopped because it is configured for another database, which takes an apply.
#
# Inputs:
#   HOST      name of the node
#   ENDPOINT  of the database that was restored
#   ASIDE     true if the restored database has different CAs from this server's: they are taken
#             from the database then, and this server's are kept aside
set -euo pipefail
umask 022

# shellcheck source=lib-node.sh
. "${here:?}/lib-node.sh"

readonly server=/var/lib/rancher/k3s/server balancer_ca=/etc/haproxy/k3s-server-ca.crt

main() {
  if [[ ! -e /etc/systemd/system/k3s.service ]]; then
    echo absent
    return
  fi
  if [[ ${ASIDE:?} == true ]] && ! systemctl is-active --quiet k3s; then put_aside; fi
  if ! grep -qF "\"${ENDPOINT:?}\"" /etc/rancher/k3s/config.yaml; then
    echo elsewhere
    return
  fi
  systemctl reset-failed k3s 2>/dev/null || true
  systemctl start --no-block k3s
  local began=$EPOCHSECONDS
  until systemctl is-active --quiet k3s && as_admin get --raw /readyz >/dev/null 2>&1; do
    if ((EPOCHSECONDS - began >= start_timeout)); then
      explain_not_ready k3s "$began" >&2
      echo "k3s did not become ready within 5 minutes (its last errors are above): see 'journalctl -u k3s'" >&2
      exit 1
    fi
    sleep 1
  done
  if [[ -e $balancer_ca ]] && ! cmp -s "$server/tls/server-ca.crt" "$balancer_ca"; then
    install -m 0644 "$server/tls/server-ca.crt" "$balancer_ca"
    systemctl reload haproxy
  fi
  echo ready
}

put_aside() {
  local name aside=$server/before-restore
  rm -rf "$aside.old"
  [[ ! -e $aside ]] || mv -T "$aside" "$aside.old"
  install -d -m 0700 "$aside"
  for name in tls cred; do
    [[ ! -e $server/$name ]] || mv -T "$server/$name" "$aside/$name"
  done
  rm -rf "$aside.old"
}

main
