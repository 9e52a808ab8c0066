#!/usr/bin/env bash
# Runs a member of etcd in a rootless podman container, with its data in memory.
#
# Inputs (step.env):
#   DATA_DIR       folder of programs, certificates and container storage
#   SERVICE_USER   user on the host that owns all of it
#   IMAGE          container image
#   DOWNLOAD       yes, or no when images have been brought along (air gap)
# Files beside it: k3s-etcd.container k3s-etcd-watch.service join.sh watch.sh settings.env uninstall-etcd.sh
# Argument: folder with ca.crt, member.crt and member.key
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=lib-packages.sh
. "$here/lib-packages.sh"
# shellcheck source=lib-database-user.sh
. "$here/lib-database-user.sh"
# shellcheck source=lib-database-container.sh
. "$here/lib-database-container.sh"
# shellcheck source=/dev/null
. "$here/step.env"

readonly unit=k3s-etcd.service watch=k3s-etcd-watch.service
readonly changed=k3s-etcd watch_changed=k3s-etcd-watch

main() {
  local secrets=$1 ran=false
  : "${DATA_DIR:?}" "${SERVICE_USER:?}" "${IMAGE:?}" "${DOWNLOAD:?}"
  install -d -m 0755 "$DATA_DIR"
  database_user
  fetch_image "$IMAGE"
  if as_database systemctl --user --quiet is-active "$unit"; then ran=true; fi
  files "$secrets"
  as_database systemctl --user daemon-reload
  if [[ $ran == false ]] || is_changed "$changed"; then
    # The others make a majority without this one, if they are well.
    if [[ $ran == true ]] && ! wait_until 60 healthy; then warn "etcd has no majority; it is started from scratch here nevertheless"; fi
    info "starting $unit"
    as_database systemctl --user reset-failed "$unit" 2>/dev/null || true
    # It waits for the members on other hosts, whose steps may come after this one.
    as_database systemctl --user restart --no-block "$unit"
    # The next host's step must not take the majority away.
    if [[ $ran == true ]]; then
      wait_until 120 healthy || failed "finds no majority"
    fi
  fi
  if is_changed "$watch_changed"; then as_database systemctl --user try-restart "$watch"; fi
  clear_changed "$changed"
  clear_changed "$watch_changed"
}

files() {
  local secrets=$1 name owner=$SERVICE_USER:$SERVICE_USER
  service_folder "$DATA_DIR/config"
  for name in ca.crt member.crt member.key; do
    place_file 0600 "$owner" "$secrets/$name" "$DATA_DIR/config/$name" "$changed"
  done
  place_file 0644 "$owner" "$here/settings.env" "$DATA_DIR/settings.env" "$changed"
  place_file 0755 "$owner" "$here/join.sh" "$DATA_DIR/join.sh"
  place_file 0755 "$owner" "$here/watch.sh" "$DATA_DIR/watch.sh" "$watch_changed"
  as_database mkdir -p "$DATA_DIR/home/.config/containers/systemd" "$DATA_DIR/home/.config/systemd/user"
  place_file 0644 "$owner" "$here/$watch" "$DATA_DIR/home/.config/systemd/user/$watch" "$watch_changed"
  hold_image "$here/k3s-etcd.container" "$IMAGE"
  place_file 0644 "$owner" "$here/k3s-etcd.container" \
    "$DATA_DIR/home/.config/containers/systemd/k3s-etcd.container" "$changed"
  place_file 0755 root:root "$here/uninstall-etcd.sh" /usr/local/lib/k3s-cdk/uninstall.d/42-etcd
}

# A read that a majority has to agree to.
healthy() {
  curl --silent --fail --max-time 3 --noproxy '*' --cacert "$DATA_DIR/config/ca.crt" --cert "$DATA_DIR/config/member.crt" \
    --key "$DATA_DIR/config/member.key" https://127.0.0.1:2379/health 2>/dev/null | grep -q '"health":"true"'
}

failed() {
  journalctl --no-pager --lines 20 --output cat CONTAINER_NAME=k3s-etcd + _SYSTEMD_USER_UNIT="$unit" >&2 || true
  fatal "etcd $1 (its last messages are above): see 'sudo -u $SERVICE_USER XDG_RUNTIME_DIR=/run/user/$(id -u "$SERVICE_USER") systemctl --user status $unit'"
}

main "$@"
