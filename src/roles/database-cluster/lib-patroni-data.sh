# shellcheck shell=bash
# The data that Patroni finds at its first start: of a single Postgres, an empty one, or none, which it copies from the
# primary. Needs lib-database-container.sh, DATA_DIR, FIRST.

# guard COMMAND: in a container of its own, which must not put its label on the files of the other.
guard() {
  one_shot --network host --security-opt label=disable --volume "${DATA_DIR:?}/config:/etc/patroni:ro" --volume "$DATA_DIR/cluster:/var/lib/patroni" \
    /usr/bin/python3 /etc/patroni/guard.py "$1"
}

etcd_answers() { guard reaches-etcd >/dev/null 2>&1; }

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
  local new data=${DATA_DIR:?}/cluster/data
  [[ ${FIRST:?} == true && ! -e $data ]] || return 0
  new=$(guard new) || fatal "another database host cannot be asked whether it has a database (its answer is above): start it, then apply again"
  [[ $new == yes ]] || return 0
  as_database touch "$data.unprepared"
  empty_database "$data"
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

stop_postgres() { as_database systemctl --user stop k3s-postgres.service 2>/dev/null || true; }
