# shellcheck shell=bash
# shellcheck disable=SC2154 # of step.env, or inputs of probe.sh
# Asks a database that is elsewhere, with what k3s connects with. Needs lib-postgres.sh, ENGINE, DATASTORE_CA, and the
# variables of libpq or CLIENT, the options of MySQL's client.

# ask_facts: a line with its version, the connections that it allows, those that there are, the size of k3s's table (-1:
# there is none), and whether k3s may make or keep that table (t, f, or nothing if that is not known), separated by tabs.
ask_facts() {
  local rows
  if [[ $ENGINE == postgres ]]; then
    sql "SELECT concat_ws(E'\t', current_setting('server_version'), current_setting('max_connections'),
      (SELECT sum(numbackends) FROM pg_stat_database), coalesce(pg_total_relation_size(to_regclass('kine')), -1),
      coalesce((SELECT pg_has_role(relowner, 'MEMBER') FROM pg_class WHERE oid = to_regclass('kine')),
        has_schema_privilege(current_schema(), 'CREATE'), false))"
  else
    rows=$(mysql_sql "SELECT VERSION(), @@max_connections; SHOW STATUS LIKE 'Threads_connected';
      SELECT coalesce(max(DATA_LENGTH + INDEX_LENGTH), -1) FROM information_schema.TABLES
        WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'kine'") || return
    awk -F '\t' 'NR == 1 { first = $1 FS $2 } NR == 2 { first = first FS $2 } END { print first FS $1 FS }' <<<"$rows"
  fi
}

# mysql_sql STATEMENTS: MariaDB's client, for both.
mysql_sql() {
  local program=mariadb
  local -a tls=(--skip-ssl)
  command -v mariadb >/dev/null || program=mysql
  [[ $DATASTORE_CA == none ]] || tls=(--ssl-ca="$(authorities)" --ssl-verify-server-cert)
  # shellcheck disable=SC2086 # options
  "$program" $CLIENT "${tls[@]}" --connect-timeout=5 --batch --raw --skip-column-names -e "$1" </dev/null
}

# reason FILE: what a client that has failed has said there.
reason() { grep -v -e '^$' -e '^password retrieved from file' "$1" | tail -n 1; }

# show_certificate ADDRESS [OPTION...]: what the server at it shows in a handshake; fails if OpenSSL rejects it.
show_certificate() { timeout 5 openssl s_client -starttls "$ENGINE" -connect "$@" </dev/null 2>&1; }
