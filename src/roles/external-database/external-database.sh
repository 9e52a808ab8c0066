#!/usr/bin/env bash
# Checks that k3s can keep its state in a database that is elsewhere, before k3s on this server is touched: that it
# answers, who it is, whether it is one that k3s supports, what its user may do, and whose data is in it. Keeps what clients
# connect with on this host, for backups and 'k3s-cdk status'.
#
# Inputs (step.env):
#   ENGINE         postgres or mysql
#   TITLE          what it is called
#   ADDRESSES      host:port of each of its servers, separated by blanks
#   DATABASE       its name
#   USER_NAME      who connects
#   DATASTORE_CA   file of the CA; 'system' for those of this system; 'none' for no encryption
#   PG…, CLIENT    see lib-external-database.sh
#   DATASTORE_FILES  what is uploaded for it
#   SERVERS        how many servers there are
#   SETTINGS, CHANGE_SETTINGS, LAST_VERSION, LEAVE_DATA, TOKENS  see database.sh
# Files beside it: uninstall-external-database.sh
# Argument: folder with datastore-NAME for each of DATASTORE_FILES
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=lib-postgres.sh
. "$here/lib-postgres.sh"
# shellcheck source=lib-kine.sh
. "$here/lib-kine.sh"
# shellcheck source=lib-token.sh
. "$here/lib-token.sh"
# shellcheck source=lib-database-settings.sh
. "$here/lib-database-settings.sh"
# shellcheck source=lib-external-database.sh
. "$here/lib-external-database.sh"
# shellcheck source=/dev/null
. "$here/step.env"
: "${ENGINE:?}" "${TITLE:?}" "${ADDRESSES:?}" "${DATABASE:?}" "${USER_NAME:?}" "${DATASTORE_CA:?}" "${SERVERS:?}" "${DATASTORE_FILES:?}"

readonly folder=/usr/local/libexec/k3s-cdk/external-database said=$here/said

main() {
  local version connections size may
  client_files "$1"
  wait_until 60 has_answered || true
  [[ -s $here/facts ]] || fatal "$TITLE at $ADDRESSES does not let this server in as '$USER_NAME': $(reason "$said"); k3s was not touched: $(remedy)"
  IFS=$'\t' read -r version connections _ size may <"$here/facts"
  require_version "$version"
  require_table "$size" "$may"
  ((connections >= SERVERS * 100)) ||
    warn "$TITLE allows $connections connections, and k3s may open 100 on each of $SERVERS servers: raise its 'max_connections' to $((SERVERS * 100 + 20))"
  if ((size < 0)); then require_new_cluster; fi
  if [[ $ENGINE == postgres ]]; then
    require_known_token "$DATABASE"
    keep_settings
  fi
  info "$TITLE $version answers at $ADDRESSES"
}

# Nobody but root gets into the folder.
client_files() {
  local file
  install -d -m 0700 "$folder"
  place_file 0755 root:root "$here/uninstall-external-database.sh" /usr/local/lib/k3s-cdk/uninstall.d/47-external-database
  for file in "$folder"/*; do
    [[ ! -e $file || " $DATASTORE_FILES " == *" ${file##*/} "* ]] || remove_file "$file"
  done
  for file in $DATASTORE_FILES; do place_file 0600 root:root "$1/datastore-$file" "$folder/$file"; done
}

# It may just be starting.
has_answered() { facts || [[ ! $(<"$said") =~ refused|timed\ out|timeout|starting|unreachable|No\ route|not\ known|resol|translate|closed\ the\ connection ]]; }

facts() { ask_facts >"$here/facts" 2>"$said"; }

remedy() {
  case $(<"$said") in
    *[Cc]ertificate*verif* | *verification* | *'does not match host name'* | *[Ss]elf-signed* | *'root certificate'*)
      echo "see 'database.external.ca' and 'addresses', which its certificate has to have" ;;
    *[Aa]uthentication* | *'Access denied'* | *pg_hba.conf* | *'role "'* | *certificate*)
      echo "see 'user' and 'authentication' under 'database.external', the secret for it, and whom the server lets in" ;;
    *'database "'* | *'Unknown database'*) echo "create it, with '$USER_NAME' as its owner" ;;
    *) echo "check that it runs and that this host may reach it, then apply again" ;;
  esac
}

# Those that k3s is tried with, and newer ones.
require_version() {
  local oldest
  case $ENGINE-$1 in
    postgres-*) oldest=12 ;;
    *MariaDB*) oldest=10.6 ;;
    *) oldest=5.7 ;;
  esac
  [[ $(printf '%s\n' "$oldest" "$1" | sort -V | head -n 1) == "$oldest" ]] ||
    fatal "the database is $TITLE $1, and k3s needs $oldest or newer: upgrade it, or use another"
}

# require_table SIZE MAY: kine makes the table and its indexes, and asks for them again at each start.
require_table() {
  [[ $2 != f ]] ||
    fatal "'$USER_NAME' may not make the table 'kine' in database '$DATABASE', or does not own the one that is there: run 'ALTER DATABASE $DATABASE OWNER TO \"$USER_NAME\"' as the administrator of the server, or 'ALTER TABLE kine OWNER TO ...' in the database"
  [[ $ENGINE == postgres ]] || (($1 >= 0)) || may_create ||
    fatal "'$USER_NAME' may not make tables in database '$DATABASE': run 'GRANT ALL ON $DATABASE.* TO ...' as the administrator of the server"
}

may_create() { mysql_sql 'CREATE TABLE k3s_cdk_check (id INT); DROP TABLE k3s_cdk_check' >/dev/null 2>&1; }

# Servers would fill it from their caches, which have next to nothing, and kubelets would stop the pods that they do not
# find in it.
require_new_cluster() {
  [[ ${LEAVE_DATA:?} != true ]] || return 0
  [[ -z ${LAST_VERSION:-} && ! -e /var/lib/rancher/k3s/server/tls ]] ||
    fatal "this cluster has run before, and the database '$DATABASE' at $ADDRESSES has no data of k3s: see 'addresses' and 'name' under 'database.external'; if it is new, restore the data with 'k3s-cdk restore BACKUP'; to begin with an empty one, apply once with TF_VAR_leave_data=true in the environment"
}

main "$@"
