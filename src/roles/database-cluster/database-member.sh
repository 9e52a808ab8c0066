#!/usr/bin/env bash
# Runs Postgres under Patroni in a rootless podman container, as one of several database hosts. Takes over the data of a
# single Postgres that was here. Before a necessary restart, it moves the primary to another host.
#
# Inputs (step.env):
#   DATA_DIR, SERVICE_USER, DOWNLOAD, DATABASE, ROLE, SETTINGS, CHANGE_SETTINGS  see database.sh
#   IMAGE          container image with Postgres and Patroni
#   BASE           image to build it from with Containerfile; empty if it is given
#   FIRST          true on the host that creates an empty database if there is none; its step runs last
#   HOSTS          number of database hosts
#   ETCD           address:port of each member of etcd
#   OTHERS         address:port of Patroni on the other database hosts
#   QUORUM         true if etcd runs here
#   TOKENS         see database.sh
#   LIBRARIES      files that switchover.sh and promote.sh source
# Files beside it: patroni.yml patroni-dynamic.yml database_host.py patroni_rest.py full_disk.py etcd_leader.py
#   postgresql.conf pg_hba.conf pg_ident.conf k3s-postgres.container k3s-postgres-alive.service alive.sh Containerfile
#   uninstall-database.sh switchover.sh promote.sh
# Argument: folder with ca.crt, server.crt, server.key, replication.crt, replication.key, cluster-ca.crt, patroni.crt and
#   patroni.key
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=lib-folders.sh
. "$here/lib-folders.sh"
# shellcheck source=lib-packages.sh
. "$here/lib-packages.sh"
# shellcheck source=lib-database-user.sh
. "$here/lib-database-user.sh"
# shellcheck source=lib-database-container.sh
. "$here/lib-database-container.sh"
# shellcheck source=lib-postgres.sh
. "$here/lib-postgres.sh"
# shellcheck source=lib-database-service.sh
. "$here/lib-database-service.sh"
# shellcheck source=lib-kine.sh
. "$here/lib-kine.sh"
# shellcheck source=lib-token.sh
. "$here/lib-token.sh"
# shellcheck source=lib-database-settings.sh
. "$here/lib-database-settings.sh"
# shellcheck source=lib-patroni.sh
. "$here/lib-patroni.sh"
# shellcheck source=lib-etcd-keys.sh
. "$here/lib-etcd-keys.sh"
# shellcheck source=lib-older-etcd.sh
. "$here/lib-older-etcd.sh"
# shellcheck source=lib-patroni-image.sh
. "$here/lib-patroni-image.sh"
# shellcheck source=lib-patroni-data.sh
. "$here/lib-patroni-data.sh"
# shellcheck source=lib-patroni-cluster.sh
. "$here/lib-patroni-cluster.sh"
# shellcheck source=/dev/null
. "$here/step.env"

main() {
  local secrets=$1
  # shellcheck disable=SC2034 # of lib-etcd-keys.sh
  SECRETS_FOLDER=$secrets
  : "${IMAGE:?}" "${DOWNLOAD:?}" "${DATABASE:?}" "${ROLE:?}" "${FIRST:?}" "${HOSTS:?}" "${QUORUM:?}" "${ETCD:?}" "${OTHERS:?}" "${TOKENS?}" "${LIBRARIES:?}"
  claim_folder "$DATA_DIR" database
  place_uninstaller
  database_user
  require_known_token "$DATABASE"
  wait_until 180 etcd_answers ||
    fatal "etcd has no majority, without which there is no primary; nothing was changed: see 'k3s-cdk status' and 'journalctl CONTAINER_NAME=k3s-etcd' on its hosts"
  require_moved
  patroni_image "$here/Containerfile"
  require_same_major "$DATA_DIR/cluster/data"
  require_same_major "$DATA_DIR/data"
  configuration "$secrets"
  service_folder "$DATA_DIR/cluster"
  programs
  take_over
  first_database
  replication_role
  first_settings "$here/patroni-dynamic.yml"
  newest_data
  service
  cluster
  wait_for_own_data
  if answers; then keep_settings; fi
  forget_older_form
  [[ $QUORUM == true ]] || leave 42-etcd
}

configuration() {
  local secrets=$1 next=$DATA_DIR/config.next name
  begin_configuration "$secrets"
  check_settings "$next"
  # Patroni writes these itself.
  rm -f "$next"/{postgresql,pg_hba,pg_ident}.conf
  for name in replication.crt replication.key cluster-ca.crt patroni.crt patroni.key; do install_for_service "$secrets/$name" "$next/$name"; done
  for name in "$here"/{patroni.yml,patroni-dynamic.yml,database_host.py,patroni_rest.py,full_disk.py,etcd_leader.py}; do
    install_for_service "$name" "$next/${name##*/}"
  done
  end_configuration
}

# What people run on this host, mostly by `k3s-cdk database`.
programs() {
  local tools=/usr/local/libexec/k3s-cdk/database file
  install -d -m 0700 "$tools"
  for file in switchover.sh promote.sh; do place_file 0755 root:root "$here/$file" "$tools/$file"; done
  for file in $LIBRARIES; do place_file 0644 root:root "$here/$file" "$tools/$file"; done
  place_file 0600 root:root "$here/step.env" "$tools/member.env"
}

service() {
  [[ -n $BASE ]] || hold_image "$here/k3s-postgres.container" "$IMAGE"
  place_unit
  if ! as_database systemctl --user --quiet is-active "$unit"; then
    start
  elif is_changed "$needs_restart"; then
    hand_over
    start
  elif is_changed "$needs_reload"; then
    reload
  fi
  clear_changed "$needs_restart"
  clear_changed "$needs_reload"
  start_alive
}

# Patroni rereads its configuration and certificates, and makes Postgres do the same.
reload() {
  as_database podman kill --signal HUP k3s-postgres >/dev/null || postgres_failed "cannot be told to read its configuration"
  wait_until 60 answers || return 0
  sql 'SELECT pg_reload_conf()' >/dev/null
  info "reloaded the configuration"
}

main "$@"
