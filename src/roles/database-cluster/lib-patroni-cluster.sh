# shellcheck shell=bash
# What all database hosts have in common, once Patroni runs. Needs lib-patroni.sh, lib-database-service.sh, HOST,
# DATA_DIR, FIRST, HOSTS, DATABASE, ROLE.

# Whichever host is the primary creates roles, the database of k3s and settings.
cluster() {
  wait_until 120 patroni_answers || postgres_failed "has a Patroni that does not answer"
  if [[ ${FIRST:?} == true ]]; then
    # Left by an unfinished return to a single host.
    if is_paused; then patronictl resume k3s --wait </dev/null >&2 || postgres_failed "stays paused by Patroni"; fi
    let_patroni_choose
    wait_until 300 has_leader || postgres_failed "has no primary on any host"
  elif [[ ! -e ${DATA_DIR:?}/cluster/data ]] || is_held || ! wait_until 60 has_leader; then
    # The first host's step runs last, and provides the database or the newest data.
    info "Patroni runs, and waits for a primary"
    return 0
  fi
  if is_leader; then
    # Patroni becomes it first, Postgres a moment later.
    wait_until 60 takes_writes || postgres_failed "does not become the primary"
    roles
    k3s_role
    # The server's own is for standbys.
    sql "ALTER ROLE ${ROLE:?} SET tcp_user_timeout = '15s'"
    k3s_database
  fi
  patronictl edit-config k3s --force --quiet --replace /etc/patroni/patroni-dynamic.yml </dev/null >&2 ||
    fatal "Patroni does not take its settings (its reason is above): correct 'database.settings' in cluster.yaml"
  sleep 2
  wait_until 60 answers || postgres_failed "does not answer"
  restart_if_pending
  [[ $FIRST == true ]] || return 0
  complete
}

takes_writes() { answers && ! is_standby; }

patroni_answers() { [[ -n $(members) ]]; }

roles() {
  local function
  [[ -n $(sql "SELECT 1 FROM pg_roles WHERE rolname = 'rewind'") ]] || sql 'CREATE ROLE rewind LOGIN'
  # What pg_rewind calls (PostgreSQL manual, pg_rewind, "Notes").
  for function in 'pg_ls_dir(text, boolean, boolean)' 'pg_stat_file(text, boolean)' 'pg_read_binary_file(text)' \
    'pg_read_binary_file(text, bigint, bigint, boolean)'; do
    sql "GRANT EXECUTE ON FUNCTION pg_catalog.$function TO rewind"
  done
}

restart_if_pending() {
  local pending
  pending=$(sql "SELECT string_agg(name, ' ') FROM pg_settings WHERE pending_restart")
  [[ -n $pending ]] || return 0
  info "a restart is needed for: $pending"
  hand_over
  patronictl restart k3s "${HOST:?}" --force </dev/null >&2 || postgres_failed "is not restarted by Patroni"
  wait_until 300 answers || postgres_failed "does not answer after 5 minutes"
}

# All hosts take part, and one of the standbys is synchronous.
complete() {
  wait_until 900 all_run ||
    fatal "not all database hosts take part after 15 minutes: $(members | tr '\n' ';') see 'k3s-cdk status' and 'journalctl CONTAINER_NAME=k3s-postgres' on those that are missing"
  info "Postgres runs on all ${HOSTS:?} database hosts, $(leader) is the primary, $(standby) has everything too"
}

all_run() {
  [[ $(members | awk '$3 == "running" || $3 == "streaming"' | wc -l) == "${HOSTS:?}" ]] && has_standby
}
