#!/usr/bin/env bash
# Runs a member of etcd in a rootless podman container, with its data on disk.
#
# Inputs (step.env):
#   DATA_DIR       folder of certificates and container storage
#   DATABASE_DIR   folder of the database, on a database host; empty on others
#   ETCD_DATA      folder of etcd's data
#   SERVICE_USER   user on the host that owns all of it
#   IMAGE          container image
#   DOWNLOAD       yes, or no when images have been brought along (air gap)
#   MEMBERS        all members, as etcd's initial-cluster: NAME=URL,...
#   PEER_URL       where the other members reach this one
#   ENDPOINTS      where clients reach the members, separated by commas
#   FIRST          true on the host whose step comes before those of the others
# Files beside it: k3s-etcd.container uninstall-etcd.sh
# Argument: folder with cluster-ca.crt, etcd.crt and etcd.key
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
# shellcheck source=lib-patroni.sh
. "$here/lib-patroni.sh"
# shellcheck source=lib-etcd-membership.sh
. "$here/lib-etcd-membership.sh"
# shellcheck source=lib-older-etcd.sh
. "$here/lib-older-etcd.sh"
# shellcheck source=/dev/null
. "$here/step.env"

readonly unit=k3s-etcd.service
# Changes that a restart applies. Certificates from another CA, which the others do not have yet, need more than that.
readonly changed=k3s-etcd new_authority=k3s-etcd.authority
# A remedy for a host that could not be uninstalled when it left the cluster.
readonly forget="run 'sudo /usr/local/lib/k3s-cdk/uninstall.d/42-etcd'"

main() {
  local secrets=$1 ran=false
  : "${DATA_DIR:?}" "${SERVICE_USER:?}" "${IMAGE:?}" "${DOWNLOAD:?}" "${ETCD_DATA:?}" "${DATABASE_DIR?}" "${FIRST:?}"
  : "${MEMBERS:?}" "${PEER_URL:?}" "${ENDPOINTS:?}"
  if [[ -n $DATABASE_DIR ]]; then claim_folder "$DATABASE_DIR" database; fi
  install -d -m 0755 "$DATA_DIR"
  database_user
  fetch_image "$IMAGE"
  leave_older_etcd
  service_folder "$ETCD_DATA"
  files "$secrets"
  as_database systemctl --user daemon-reload
  if is_running; then ran=true; fi
  if ! has_data; then
    begin
  elif [[ $ran == false ]] || is_changed "$changed"; then
    # The others have a majority without this one, if they are healthy.
    if [[ $ran == true ]] && ! is_changed "$new_authority" && ! wait_until 60 is_healthy; then
      warn "etcd has no majority; it is restarted here nevertheless"
    fi
    start
    go_on "$ran"
  elif ! wait_until 60 takes_part; then
    go_on true
  fi
  clear_changed "$changed"
  clear_changed "$new_authority"
}

files() {
  local secrets=$1 name owner=$SERVICE_USER:$SERVICE_USER
  service_folder "$DATA_DIR/config"
  if [[ -e $DATA_DIR/config/etcd.crt ]] &&
    ! openssl verify -CAfile "$secrets/cluster-ca.crt" "$DATA_DIR/config/etcd.crt" >/dev/null 2>&1; then
    mark_changed "$new_authority"
  fi
  for name in cluster-ca.crt etcd.crt etcd.key; do
    place_file 0600 "$owner" "$secrets/$name" "$DATA_DIR/config/$name" "$changed"
  done
  as_database mkdir -p "$DATA_DIR/home/.config/containers/systemd"
  hold_image "$here/k3s-etcd.container" "$IMAGE"
  place_file 0644 "$owner" "$here/k3s-etcd.container" \
    "$DATA_DIR/home/.config/containers/systemd/k3s-etcd.container" "$changed"
  sed -i "s|@ETCD_DATA@|$(printf '%q' "$ETCD_DATA")|" "$here/uninstall-etcd.sh"
  place_file 0755 root:root "$here/uninstall-etcd.sh" /usr/local/lib/k3s-cdk/uninstall.d/42-etcd
}

# A member without data: it or its disk is new.
begin() {
  local other
  other=$(known_by)
  if [[ -n $other ]] || has_majority; then
    wait_until 90 has_majority ||
      fatal "etcd on '${other:=another host}' knows this host as a member whose data is gone, and without a majority it cannot take it in again; nothing was changed: start the other etcd hosts, then apply again; if '$other' was off while it was not in cluster.yaml, what it knows is old: $forget on it first"
    join
    start
    wait_until 120 takes_part || failed "does not become a member"
    info "etcd here is a member of the cluster of the others"
  else
    # It waits for the others, whose steps come after this one.
    begin_together
    start
    info "etcd here begins a cluster with the others"
  fi
}

# go_on RAN: starts with the existing data. If the others are healthy and this one cannot join them, its data is
# useless: damaged, or that of a member that has been removed meanwhile.
go_on() {
  if wait_until 120 takes_part; then return; fi
  if has_majority; then
    warn "etcd here takes no part with the data that it has, and the others do: it becomes a new member"
    as_database systemctl --user stop "$unit" || true
    join
    start
    wait_until 120 takes_part || failed "does not become a member"
  elif is_changed "$new_authority"; then
    warn "etcd has no majority until the other members have certificates of the new CA too"
  elif [[ $1 == true ]]; then
    # The next host's step must not remove the existing majority.
    failed "finds no majority (if this host was off while it was not in cluster.yaml, what etcd knows here is old: $forget on it, then apply again)"
  else
    warn "etcd has no majority yet: the other etcd hosts do not answer"
  fi
}

start() {
  info "starting $unit"
  as_database systemctl --user reset-failed "$unit" 2>/dev/null || true
  as_database systemctl --user restart "$unit" || failed "cannot be started"
  wait_until 120 has_data || failed "does not start"
  rm -f "${first_start:?}"
}

is_running() { as_database systemctl --user --quiet is-active "$unit"; }

failed() {
  journalctl --no-pager --lines 20 --output cat CONTAINER_NAME=k3s-etcd + _SYSTEMD_USER_UNIT="$unit" >&2 || true
  fatal "etcd $1 (its last messages are above): see 'sudo -u $SERVICE_USER XDG_RUNTIME_DIR=/run/user/$(id -u "$SERVICE_USER") systemctl --user status $unit'"
}

main "$@"
