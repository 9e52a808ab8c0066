# shellcheck shell=bash
# shellcheck disable=SC2154 # inputs of probe.sh
# Health of Postgres. Part of probe.sh.

# shellcheck source=lib-database-user.sh
. "${here:?}/lib-database-user.sh"

database() {
  local state
  [[ -n $DATA_DIR ]] || return 0
  # Of make-backup.sh.
  tell backup "$(cat /var/lib/k3s-cdk/backup/last.json 2>/dev/null)"
  # Of drill.sh.
  tell drill "$(cat /var/lib/k3s-cdk/backup/drill.json 2>/dev/null)"
  # The user that it runs as.
  id k3s-postgres >/dev/null 2>&1 || { tell postgres 'not installed'; return; }
  # Of lib-database-container.sh.
  tell image "$(as_database head -c 1000 "$DATA_DIR/home/image" 2>/dev/null)"
  state=$(as_database timeout 5 systemctl --user is-active k3s-postgres.service 2>&1 | tail -n 1)
  tell postgres "${state:-unknown}"
  [[ $state == active ]] || return 0
  # Estimates from the statistics: counting would read the whole table.
  as_database timeout "$PATIENCE" podman exec k3s-postgres psql -XAtq -F $'\t' -h /tmp -U postgres -d "$DATABASE" -c "
    SELECT 'postgres-figures', current_setting('server_version'), current_setting('max_connections'),
      (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'), pg_database_size(current_database()),
      coalesce(pg_total_relation_size(to_regclass('kine')), 0),
      coalesce((SELECT n_live_tup FROM pg_stat_user_tables WHERE relname = 'kine'), 0),
      coalesce((SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'kine'), 0)" 2>&1 </dev/null |
    tail -n 1 | sed '/^postgres-figures\t/!s/^/postgres-error\t/'
}
