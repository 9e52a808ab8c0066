#!/usr/bin/env bash
# Loads the uploaded image into the storage of the database's user, or of etcd's.
#
# Inputs (step.env):
#   DATA_DIR, SERVICE_USER  see database.sh
#   IMAGE                   the image that must be there afterwards
# Argument: folder with archives of 'podman save' and their sha256sum.txt
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
# shellcheck source=/dev/null
. "$here/step.env"

main() {
  local archives=$1 archive found
  : "${IMAGE:?}"
  (cd "$archives" && sha256sum --check --quiet sha256sum.txt >&2) ||
    fatal "an image archive differs from 'podman/sha256sum.txt' of the artifacts: make the archives or the file again"
  # etcd's has a name that nobody else uses.
  [[ $SERVICE_USER == k3s-etcd ]] || claim_folder "$DATA_DIR" database
  database_user
  for archive in "$archives"/*.tar*; do
    has_image "$archive" || continue
    info "loading ${archive##*/}"
    under_manager podman load --quiet <"$archive" >/dev/null ||
      fatal "'${archive##*/}' cannot be loaded (podman's output is above): check that '$DATA_DIR' has free space ('df -h $DATA_DIR') and that the archive is whole"
  done
  as_database podman image exists "$IMAGE" ||
    fatal "no archive in 'podman/' of the artifacts has the image '$IMAGE': add one with 'podman save $IMAGE'"
  found=$(as_database podman image inspect --format '{{.Architecture}}' "$IMAGE")
  [[ $found == "$(architecture)" ]] ||
    fatal "image '$IMAGE' of the artifacts is for $found, this host is $(architecture): save it with 'podman pull --arch $(architecture)' first"
}

# has_image ARCHIVE: false if it certainly has only other images. An archive without a list of names is loaded, and so
# is every archive if the image is given by digest.
has_image() {
  local names
  [[ $IMAGE != *@* ]] || return 0
  names=$(tar -xOf "$1" manifest.json 2>/dev/null) || return 0
  grep -qF "\"$IMAGE\"" <<<"$names"
}

main "$@"
