# shellcheck shell=bash
# The data that Patroni finds at its first start: that of a single Postgres, an empty database, or none, in which case
# it copies the primary's. Needs lib-database-container.sh, lib-etcd-keys.sh, lib-older-etcd.sh, DATA_DIR, HOST, FIRST,
# OTHERS.

# Patroni's record of the last primary: besides that host, only its synchronous standby may become the next one.
readonly last_primary=/k3s-cdk/k3s/sync nobody='{"leader":"-"}'

# What a single Postgres has left. The database is unavailable only from here to the start of the service.
take_over() {
  local data=${DATA_DIR:?}/cluster/data
  rm -f "$DATA_DIR/cluster/alone"
  [[ -e $DATA_DIR/data ]] || return 0
  [[ ! -e $data ]] ||
    fatal "'$DATA_DIR/data' is of a single Postgres and '$data' of several: move away the one that is not needed"
  info "Patroni takes over $DATA_DIR/data"
  stop_postgres
  as_database touch "$data.unprepared" "$data.newest"
  mv -T "$DATA_DIR/data" "$data"
  sync -f "$DATA_DIR/cluster"
  mark_changed k3s-postgres.restart
}

first_database() {
  local data=${DATA_DIR:?}/cluster/data
  [[ ${FIRST:?} == true && ! -e $data ]] || return 0
  if initialized || others_have_data; then return 0; fi
  as_database touch "$data.unprepared" "$data.newest"
  empty_database "$data"
}

# Whether another database host has a database that etcd does not know about. Each runs Patroni by now.
others_have_data() {
  local other answer
  for other in ${OTHERS?}; do
    answer=$(ask_patroni "$other") ||
      fatal "Patroni does not answer at $other, where there may be a database already; nothing was changed: start that host, then apply again"
    ! grep -q '"database_system_identifier"' <<<"$answer" || return 0
  done
  return 1
}

# Without this role, Patroni cannot find out the timeline of data, and does not make that host the primary. Data from
# outside Patroni lacks it; copies of the primary have the role.
replication_role() {
  local data=${DATA_DIR:?}/cluster/data
  [[ -e $data.unprepared ]] || return 0
  # A second server would not notice the first, which is in another container.
  stop_postgres
  # systemd-run reduces two dollar signs to one, so the block is in quotes. No exit code reports an error.
  # shellcheck disable=SC2016 # of the container's shell
  one_shot --network none --volume "$data:/var/lib/postgresql/data:Z" sh -c \
    'echo "$0" | postgres --single -D /var/lib/postgresql/data postgres 2>&1 >/dev/null | tee /dev/stderr | { ! grep -E "ERROR|FATAL|PANIC"; }' \
    "DO 'BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ''replicator'') THEN CREATE ROLE replicator LOGIN REPLICATION; END IF; END'" >&2 ||
    fatal "Postgres cannot be prepared for Patroni (its output is above): apply again"
  rm -f "$data.unprepared"
}

# first_settings FILE: writes the settings shared by all hosts to an etcd that has none yet. Otherwise Postgres would
# start with Patroni's own, and need a restart for the cluster's.
first_settings() {
  local known
  known=$(etcd_value /k3s-cdk/k3s/config) || fatal "etcd does not answer any more: see 'k3s-cdk status', then apply again"
  [[ -z $known ]] || return 0
  put_etcd_value /k3s-cdk/k3s/config "$(<"$1")" ||
    fatal "etcd does not take the settings of the database hosts: see 'k3s-cdk status', then apply again"
}

# An etcd that knows of no database has nothing to compare data with: if there had been several database hosts, then a
# single one, each host with data would make itself the primary. So etcd first learns whose data is the newest: that of
# the single Postgres. Without it, no host may become the primary until all are there.
newest_data() {
  local data=${DATA_DIR:?}/cluster/data
  if initialized; then
    rm -f "$data.newest"
  elif [[ -e $data.newest || -e ${older_primary:?} ]]; then
    note_last_primary "{\"leader\":\"${HOST:?}\"}"
  elif [[ ${FIRST:?} == false && -e $data && -z $(etcd_value "$last_primary") ]]; then
    note_last_primary "$nobody"
  fi
}

note_last_primary() {
  put_etcd_value "$last_primary" "$1" ||
    fatal "etcd does not take note of whose data is the newest: see 'k3s-cdk status', then apply again"
}

is_held() { [[ $(etcd_value "$last_primary") == "$nobody" ]]; }

# let_patroni_choose: in the step that runs last. Now Patroni can compare all data.
let_patroni_choose() {
  local other
  is_held || return 0
  for other in ${OTHERS?}; do
    wait_until 300 can_be_compared "$other" ||
      fatal "the data at $other may be newer, and Postgres does not run there; no host was made the primary: see 'journalctl CONTAINER_NAME=k3s-postgres' on it, then apply again"
  done
  if [[ -e ${DATA_DIR:?}/cluster/data ]]; then wait_until 300 answers || postgres_failed "does not answer"; fi
  info "Patroni chooses the primary among all database hosts"
  delete_etcd_value "$last_primary" || fatal "etcd does not answer any more: see 'k3s-cdk status', then apply again"
}

# It has no data, or Postgres is running on it.
can_be_compared() {
  local answer
  answer=$(ask_patroni "$1") || return 1
  if grep -q '"database_system_identifier"' <<<"$answer"; then grep -q '"state": *"running"' <<<"$answer"; fi
}

ask_patroni() { as_patroni "https://$1/patroni"; }

# While there is no primary, this data is known to be the newest.
wait_for_own_data() {
  local data=$DATA_DIR/cluster/data
  [[ -e $data.newest || -e $older_primary ]] || return 0
  wait_until 300 initialized || postgres_failed "does not become the primary"
  rm -f "$data.newest"
}

stop_postgres() { as_database systemctl --user stop k3s-postgres.service 2>/dev/null || true; }
