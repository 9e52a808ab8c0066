#!/usr/bin/env bash
# Stops Postgres and removes its unit from this host; its data, its user and its images stay in the data folder.
# Installed by
# the database's step, run when the host leaves the cluster or loses the role.
#
# Argument: unless-used to leave a database running that servers use and no standby can take over (optional)
set -euo pipefail
umask 022

# Filled in by the step.
readonly folder=@DATA_DIR@ user=@SERVICE_USER@

as_user() {
  (cd / && runuser -u "$user" -- env -i PATH=/usr/bin:/bin HOME="$folder/home" XDG_RUNTIME_DIR="/run/user/$id" "$@")
}

main() {
  id=$(id -u "$user" 2>/dev/null) || id=
  if [[ -n $id ]]; then
    wait_for_clients "${1:-}"
    as_user systemctl --user stop k3s-postgres.service 2>/dev/null || true
    as_user systemctl --user stop k3s-postgres-alive.service 2>/dev/null || true
    rm -f "$folder/home/.config/containers/systemd/k3s-postgres.container"
    rm -f /etc/systemd/user/k3s-postgres-alive.service /usr/local/libexec/k3s-cdk/k3s-postgres-alive.sh
    rmdir /usr/local/libexec/k3s-cdk 2>/dev/null || true
    as_user systemctl --user daemon-reload 2>/dev/null || true
    # The user's systemd manager exits by itself, a moment later.
    loginctl disable-linger "$user"
    rm -f "/etc/systemd/system/user@$id.service.d/k3s-cdk.conf"
    rmdir "/etc/systemd/system/user@$id.service.d" 2>/dev/null || true
    systemctl daemon-reload
  fi
  # Keys of certificates that are no longer needed.
  rm -f "$folder"/config/*.key
  rm -f /var/lib/k3s-cdk/records/database{,-image}{,.unfinished}
  rm -f "$0"
}

# wait_for_clients [unless-used]: servers that leave at the same time finish first: pods are moved and nodes deleted
# through the API. If there is a synchronous standby, Patroni hands over to it. k3s sends a query every second: an idle
# connection belongs to a dead host.
wait_for_clients() {
  local deadline=$((SECONDS + 180)) clients
  while ((SECONDS < deadline)); do
    clients=$(as_user podman exec k3s-postgres psql -XAtq -h /tmp -U postgres \
      -c "SELECT count(*) FROM pg_stat_activity WHERE client_addr IS NOT NULL
        AND state_change > now() - interval '10 seconds' AND NOT pg_is_in_recovery()
        AND NOT EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync')" 2>/dev/null </dev/null) || return 0
    [[ $clients != 0 ]] || return 0
    sleep 1
  done
  if [[ $1 == unless-used ]]; then
    echo "$(uname -n): $clients clients use the database, and no standby has everything that is in it: nothing was changed; start the other database hosts and wait until 'k3s-cdk status' shows a standby, or stop the servers" >&2
    exit 1
  fi
  echo "$(uname -n): $clients clients still use the database; it is stopped now" >&2
}

main "$@"
