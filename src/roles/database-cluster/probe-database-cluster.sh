# shellcheck shell=bash
# shellcheck disable=SC2154 # inputs of probe.sh
# Health of etcd, and the database hosts as Patroni sees them. Part of probe.sh.

# shellcheck source=lib-database-user.sh
. "${here:?}/lib-database-user.sh"

# Whether it takes part in a majority: a read that a majority has to agree to.
etcd() {
  local state said
  [[ -n $ETCD_DIR ]] || return 0
  state=$(DATA_DIR=$ETCD_DIR SERVICE_USER=k3s-etcd as_database timeout 5 systemctl --user is-active k3s-etcd.service 2>&1 | tail -n 1)
  said=$(curl --silent --max-time 3 --noproxy '*' --cacert "$ETCD_DIR/config/cluster-ca.crt" --cert "$ETCD_DIR/config/etcd.crt" \
    --key "$ETCD_DIR/config/etcd.key" "https://127.0.0.1:$ETCD_PORT/health" 2>/dev/null)
  tell etcd "${state:-unknown}" "$(grep -q '"health":"true"' <<<"$said" && echo yes || echo no)"
}

members() {
  [[ -n $PATRONI_DIR ]] || return 0
  DATA_DIR=$PATRONI_DIR SERVICE_USER=$PATRONI_USER as_database timeout "$PATIENCE" \
    podman exec k3s-postgres /usr/bin/python3 /etc/patroni/database_host.py members 2>/dev/null </dev/null |
    sed 's/^/member /; s/ /\t/g'
}
