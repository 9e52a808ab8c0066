#!/usr/bin/env bash
# Runs haproxy in front of the API servers, and keepalived for the virtual IP. New configuration is checked before it
# replaces the old one, and applied by a reload, which keeps connections and the virtual IP.
#
# Inputs (step.env):
#   NODE_IP       address of this host in the family of the virtual IP
#   VIRTUAL_IP    virtual IP
#   PORT          port of the API on it
#   MONITOR_PORT  loopback port that shows whether a server is healthy
#   APT_PACKAGES, DNF_PACKAGES  of haproxy and keepalived
# Files: haproxy.cfg, keepalived.conf, haproxy.dropin, keepalived.dropin, check.sh, uninstall-load-balancer.sh
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=lib-packages.sh
. "$here/lib-packages.sh"
# shellcheck source=lib-systemd.sh
. "$here/lib-systemd.sh"
# shellcheck source=/dev/null
. "$here/step.env"
: "${NODE_IP:?}" "${VIRTUAL_IP:?}" "${PORT:?}" "${MONITOR_PORT:?}"

readonly server_ca=/var/lib/rancher/k3s/server/tls/server-ca.crt
readonly check=/usr/libexec/keepalived/k3s-api-check

install_software() {
  install_step_packages
  if ! id keepalived_script >/dev/null 2>&1; then
    # Removed again by the uninstaller.
    install -d -m 0700 /var/lib/k3s-cdk
    touch /var/lib/k3s-cdk/made-keepalived-script-user
    /usr/sbin/useradd --system --user-group --no-create-home --home-dir / --shell /usr/sbin/nologin keepalived_script
  fi
  # SELinux: haproxy may only talk to ports of web servers otherwise.
  if has_selinux; then
    /usr/sbin/setsebool -P haproxy_connect_any=on keepalived_connect_any=on
  fi
}

place_check_script() {
  sed -i "s/@MONITOR_PORT@/$MONITOR_PORT/; s/@PORT@/$PORT/" "$here/check.sh"
  # Passable for its user, even if an older release created it with the umask of a hardened host.
  install -d -m 0755 "${check%/*}"
  place_file 0755 root:root "$here/check.sh" "$check"
}

# place_drop_in SERVICE: new settings of a service need a restart.
place_drop_in() {
  local service=$1
  place_file 0644 root:root "$here/$service.dropin" "/etc/systemd/system/$service.service.d/50-k3s-cdk.conf" "$service.restart"
}

place_haproxy_config() {
  local config=/etc/haproxy/k3s-api.cfg
  [[ -s $server_ca ]] ||
    fatal "'$server_ca' is missing, k3s has not started on this server: apply again with -replace=…_k3s of this host"
  place_file 0644 root:root "$server_ca" /etc/haproxy/k3s-server-ca.crt haproxy
  # It may need the folder of its socket.
  install -d -m 0755 /run/haproxy
  /usr/sbin/haproxy -c -q -f "$here/haproxy.cfg" ||
    fatal "haproxy refuses its new configuration (the reason is above), the old one stays in use: check 'api' in cluster.yaml"
  place_file 0644 root:root "$here/haproxy.cfg" "$config" haproxy
}

# keepalived_takes INTERFACE CHECK-INTERVAL CANDIDATE: whether it accepts the file with these filled in. The test of
# 2.2.7, which
# Debian 12 has, is ended by a signal of its own when there are scripts: what counts then is that it has no complaint.
keepalived_takes() {
  local said status=0
  sed "s/@INTERFACE@/$1/; s/@CHECK_INTERVAL@/$2/" "$here/keepalived.conf" >"$3"
  said=$(/usr/sbin/keepalived --config-test --use-file "$3" 2>&1) || status=$?
  if ((status == 0)) || [[ $status == 143 && -z $said ]]; then return 0; fi
  printf '%s\n' "$said" >&2
  return 1
}

place_keepalived_config() {
  local config=/etc/keepalived/keepalived.conf candidate=$here/candidate.conf interface
  interface=$(ip -o address show to "$NODE_IP" | awk '{ print $2; exit }')
  [[ -n $interface ]] || fatal "no interface of this host has the address $NODE_IP: set 'nodeIps' in cluster.yaml"
  keepalived_takes "$interface" 0.4 "$candidate" 2>/dev/null || keepalived_takes "$interface" 1 "$candidate" ||
    fatal "keepalived refuses its new configuration (the reason is above), the old one stays in use: check 'api' in cluster.yaml"
  if [[ -e $config ]] && ! grep -q '^# Written by k3s-cdk' "$config"; then
    mv -T "$config" "$config.before-k3s-cdk"
  fi
  place_file 0644 root:root "$candidate" "$config" keepalived
}

# take_up SERVICE REMEDY
take_up() {
  if is_changed "$1.restart"; then
    mark_changed "$1"
    start_unit "$1" "$2"
    clear_changed "$1.restart"
  else
    reload_unit "$1" "$2"
  fi
}

# Briefly: while no machine has the address yet, a connection to it would wait for that.
answers() { timeout 0.5 bash -c "exec 3<>/dev/tcp/$1/$2" 2>/dev/null; }

main() {
  install_software
  place_file 0755 root:root "$here/uninstall-load-balancer.sh" /usr/local/lib/k3s-cdk/uninstall.d/60-load-balancer
  place_check_script
  place_drop_in haproxy
  place_drop_in keepalived
  place_haproxy_config
  take_up haproxy "find out what else uses port $PORT with 'ss -ltnp', stop it, then apply again"
  wait_until 30 "$check" 2>/dev/null ||
    fatal "haproxy finds no healthy API server; see 'journalctl -u haproxy' on this host: do the hosts reach each other's API port?"
  place_keepalived_config
  take_up keepalived "see 'journalctl -u keepalived' on this host, then apply again"
  wait_until 15 answers "$VIRTUAL_IP" "$PORT" ||
    fatal "the API does not answer at $VIRTUAL_IP port $PORT: is VRRP (IP protocol 112) allowed between the servers, and the address used by no other machine?"
}

main "$@"
