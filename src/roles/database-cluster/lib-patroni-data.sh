# shellcheck shell=bash
# The data that Patroni finds at its first start: of a single Postgres, an empty one, or none, which it copies from the
# primary. Needs lib-database-container.sh, lib-etcd-keys.sh, DATA_DIR, FIRST, OTHERS.

# What a single Postgres has left; from here to the start of the service is the only time without a database.
take_over() {
  local data=${DATA_DIR:?}/cluster/data
  rm -f "$DATA_DIR/cluster/alone"
  [[ -e $DATA_DIR/data ]] || return 0
  [[ ! -e $data ]] ||
    fatal "'$DATA_DIR/data' is of a single Postgres and '$data' of several: move away the one that is not needed"
  info "Patroni takes over $DATA_DIR/data"
  stop_postgres
  as_database touch "$data.unprepared"
  mv -T "$DATA_DIR/data" "$data"
  sync -f "$DATA_DIR/cluster"
  mark_changed k3s-postgres.restart
}

first_database() {
  local data=${DATA_DIR:?}/cluster/data
  [[ ${FIRST:?} == true && ! -e $data ]] || return 0
  if initialized || others_have_data; then return 0; fi
  as_database touch "$data.unprepared"
  empty_database "$data"
}

# Whether another database host has a database that etcd does not know of. Each runs Patroni by now.
others_have_data() {
  local other answer
  for other in ${OTHERS?}; do
    answer=$(curl --silent --max-time 5 --noproxy '*' --cacert "${SECRETS_FOLDER:?}/cluster-ca.crt" \
      --cert "$SECRETS_FOLDER/patroni.crt" --key "$SECRETS_FOLDER/patroni.key" "https://$other/patroni") ||
      fatal "Patroni does not answer at $other, where there may be a database already; nothing was changed: start that host, then apply again"
    ! grep -q '"database_system_identifier"' <<<"$answer" || return 0
  done
  return 1
}

# Patroni cannot tell the timeline of data without this role, and makes no primary of it then. For data that it has never
# had; copies of the primary have the role.
replication_role() {
  local data=${DATA_DIR:?}/cluster/data
  [[ -e $data.unprepared ]] || return 0
  # A second server would not notice the first, which is in another container.
  stop_postgres
  # systemd-run makes one of two dollar signs, so the block is in quotes. An error is told by no exit code.
  # shellcheck disable=SC2016 # of the container's shell
  one_shot --network none --volume "$data:/var/lib/postgresql/data:Z" sh -c \
    'echo "$0" | postgres --single -D /var/lib/postgresql/data postgres 2>&1 >/dev/null | tee /dev/stderr | { ! grep -E "ERROR|FATAL|PANIC"; }' \
    "DO 'BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ''replicator'') THEN CREATE ROLE replicator LOGIN REPLICATION; END IF; END'" >&2 ||
    fatal "Postgres cannot be prepared for Patroni (its output is above): apply again"
  rm -f "$data.unprepared"
}

# first_settings FILE: what is the same for all hosts, in an etcd that knows of none yet. Otherwise Postgres would start with
# Patroni's own, and need a restart for those of the cluster.
first_settings() {
  local known
  known=$(etcd_value /k3s-cdk/k3s/config) || fatal "etcd does not answer any more: see 'k3s-cdk status', then apply again"
  [[ -z $known ]] || return 0
  put_etcd_value /k3s-cdk/k3s/config "$(<"$1")" ||
    fatal "etcd does not take the settings of the database hosts: see 'k3s-cdk status', then apply again"
}

stop_postgres() { as_database systemctl --user stop k3s-postgres.service 2>/dev/null || true; }
