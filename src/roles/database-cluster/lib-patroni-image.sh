# shellcheck shell=bash
# The image of Postgres with Patroni. Needs lib-database-container.sh, IMAGE, BASE, ETCD, DOWNLOAD.

# patroni_image CONTAINERFILE SECRETS: fetches the image, or builds it from BASE. What is fetched is the same on all database
# hosts of this architecture: they agree on its digest in etcd.
patroni_image() {
  local fetched=${BASE:-${IMAGE:?}}
  if [[ ${DOWNLOAD:?} == yes && $fetched != *@* ]]; then agree_on_digest "$fetched" "$2"; fi
  if [[ -z $BASE ]]; then
    fetch_image "$IMAGE"
  elif ! as_database podman image exists "$IMAGE"; then
    fetch_image "$BASE"
    build_image "$1"
  fi
  if [[ $DOWNLOAD == yes && $fetched != *@* ]]; then tell_digest "$fetched" "$2"; fi
}

# build_image CONTAINERFILE
build_image() {
  info "building $IMAGE from $BASE"
  under_manager timeout 1800 podman build --quiet --pull=never --network=host --build-arg "BASE=$BASE" --tag "$IMAGE" - \
    <"$1" >/dev/null ||
    fatal "image '$IMAGE' cannot be built (podman's output is above): check the proxy and that this host reaches the package servers of its base, or name an image with Postgres and Patroni as 'database.patroni.image' (docs/how-to/database.md)"
}

# agree_on_digest IMAGE SECRETS: what another database host has noted becomes this one's note.
agree_on_digest() {
  local image digest
  wait_until 180 etcd_is_asked "$2" ||
    fatal "etcd has no majority, so the other database hosts cannot be asked for the digest of '$1'; nothing was changed: see 'k3s-cdk status' and 'journalctl CONTAINER_NAME=k3s-etcd' on its hosts"
  read -r image digest < <(told_digest "$2") || true
  [[ ${image:-} == "$1" && ${digest:-} =~ ^sha256:[a-f0-9]{64}$ && $digest != "$(noted_digest "$1")" ]] || return 0
  note_digest "$1" "$digest"
}

# tell_digest IMAGE SECRETS: for the hosts that come after this one.
tell_digest() {
  local digest
  digest=$(noted_digest "$1")
  [[ -n $digest ]] || return 0
  ask_etcd "$2" kv/put "{\"key\":\"$(digest_key)\",\"value\":\"$(printf '%s %s' "$1" "$digest" | base64 -w 0)\"}" >/dev/null ||
    fatal "etcd does not take the digest of '$1' for the other database hosts: see 'k3s-cdk status', then apply again"
}

# told_digest SECRETS: "IMAGE DIGEST", or nothing.
told_digest() {
  ask_etcd "$1" kv/range "{\"key\":\"$(digest_key)\"}" | sed -n 's/.*"value":"\([A-Za-z0-9+/=]*\)".*/\1/p' | base64 -d | head -c 1000
}

# A read that a majority has to agree to.
etcd_is_asked() { ask_etcd "$1" kv/range "{\"key\":\"$(digest_key)\"}" >/dev/null; }

# An image that was fetched by the digest of one architecture's alone is none for another.
digest_key() { printf '/k3s-cdk/image/%s' "$(architecture)" | base64 -w 0; }

# ask_etcd SECRETS PATH MESSAGE: what the first member says that answers.
ask_etcd() {
  local address
  local -a addresses
  read -ra addresses <<<"${ETCD:?}"
  for address in "${addresses[@]}"; do
    curl --silent --fail --max-time 5 --noproxy '*' --cacert "$1/ca.crt" --cert "$1/member.crt" --key "$1/member.key" \
      --data "$3" "https://$address/v3/$2" 2>/dev/null && return
  done
  return 1
}
