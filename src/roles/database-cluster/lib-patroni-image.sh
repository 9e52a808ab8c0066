# shellcheck shell=bash
# The image of Postgres with Patroni. Needs lib-database-container.sh, lib-etcd-keys.sh, IMAGE, BASE, DOWNLOAD.

# patroni_image CONTAINERFILE: pulls the image, or builds it from BASE. All database hosts of this architecture pull the
# same one: they agree on its digest in etcd.
patroni_image() {
  local fetched=${BASE:-${IMAGE:?}}
  if [[ ${DOWNLOAD:?} == yes && $fetched != *@* ]]; then agree_on_digest "$fetched"; fi
  if [[ -z $BASE ]]; then
    fetch_image "$IMAGE"
  elif ! as_database podman image exists "$IMAGE"; then
    fetch_image "$BASE"
    build_image "$1"
  fi
  if [[ $DOWNLOAD == yes && $fetched != *@* ]]; then tell_digest "$fetched"; fi
}

# build_image CONTAINERFILE
build_image() {
  info "building $IMAGE from $BASE"
  under_manager timeout 1800 podman build --quiet --pull=never --network=host --build-arg "BASE=$BASE" --tag "$IMAGE" - \
    <"$1" >/dev/null ||
    fatal "image '$IMAGE' cannot be built (podman's output is above): check the proxy and that this host reaches the package servers of its base, or name an image with Postgres and Patroni as 'database.patroni.image' (docs/how-to/database.md)"
}

# agree_on_digest IMAGE: adopts the digest that another database host has recorded.
agree_on_digest() {
  local noted image digest
  noted=$(etcd_value "$(digest_key)") ||
    fatal "etcd has no majority, so the other database hosts cannot be asked for the digest of '$1'; nothing was changed: see 'k3s-cdk status' and 'journalctl CONTAINER_NAME=k3s-etcd' on its hosts"
  read -r image digest <<<"${noted:0:1000}" || true
  [[ ${image:-} == "$1" && ${digest:-} =~ ^sha256:[a-f0-9]{64}$ && $digest != "$(noted_digest "$1")" ]] || return 0
  note_digest "$1" "$digest"
}

# tell_digest IMAGE: records it for the hosts that follow.
tell_digest() {
  local digest
  digest=$(noted_digest "$1")
  [[ -n $digest ]] || return 0
  put_etcd_value "$(digest_key)" "$1 $digest" ||
    fatal "etcd does not take the digest of '$1' for the other database hosts: see 'k3s-cdk status', then apply again"
}

# An image that was pulled by the digest of a single architecture is useless for another.
digest_key() { printf '/k3s-cdk/image/%s' "$(architecture)"; }
