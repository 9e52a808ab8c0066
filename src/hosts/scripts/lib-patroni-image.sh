# shellcheck shell=bash
# The image of Postgres with Patroni. Needs lib-database-container.sh, IMAGE, BASE.

# patroni_image CONTAINERFILE: fetches the image, or builds it from BASE.
patroni_image() {
  as_database podman image exists "${IMAGE:?}" && return
  if [[ -z $BASE ]]; then
    fetch_image "$IMAGE"
    return
  fi
  fetch_image "$BASE"
  info "building $IMAGE from $BASE"
  under_manager timeout 1800 podman build --quiet --pull=never --network=host --build-arg "BASE=$BASE" --tag "$IMAGE" - \
    <"$1" >/dev/null ||
    fatal "image '$IMAGE' cannot be built (podman's output is above): check the proxy and that this host reaches the package servers of its base, or name an image with Postgres and Patroni as 'database.patroni.image' (docs/database.md)"
}
