#!/usr/bin/env bash
# Uninstalls the load balancer from this host; the packages stay. Installed by the load balancer's step, run when the
# host
# leaves the cluster or no longer needs it.
set -euo pipefail
umask 022

main() {
  systemctl disable --now keepalived haproxy 2>/dev/null || true
  rm -f /etc/systemd/system/{haproxy,keepalived}.service.d/50-k3s-cdk.conf
  rmdir /etc/systemd/system/{haproxy,keepalived}.service.d 2>/dev/null || true
  rm -f /etc/haproxy/k3s-api.cfg /etc/haproxy/k3s-server-ca.crt /usr/libexec/keepalived/k3s-api-check \
    /var/lib/k3s-cdk/records/load-balancer{,.unfinished}
  if [[ -e /etc/keepalived/keepalived.conf.before-k3s-cdk ]]; then
    mv -fT /etc/keepalived/keepalived.conf.before-k3s-cdk /etc/keepalived/keepalived.conf
  else
    rm -f /etc/keepalived/keepalived.conf
  fi
  rmdir /usr/libexec/keepalived 2>/dev/null || true
  if [[ -e /var/lib/k3s-cdk/made-keepalived-script-user ]]; then
    /usr/sbin/userdel keepalived_script 2>/dev/null || true
    rm -f /var/lib/k3s-cdk/made-keepalived-script-user
  fi
  systemctl daemon-reload
  systemctl reset-failed keepalived haproxy 2>/dev/null || true
  rm -f "$0"
}

main "$@"
