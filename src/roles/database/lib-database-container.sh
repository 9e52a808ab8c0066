# shellcheck shell=bash
# Containers of the database's user: images, and commands in separate containers. Needs lib-database-user.sh, IMAGE,
# DOWNLOAD.

# registries: those that podman asks in place of the image's own, and which CAs it trusts there, as cluster.yaml sets them for k3s.
registries() {
  local containers=${DATA_DIR:?}/home/.config/containers name file certificates
  [[ ${DOWNLOAD:?} == yes ]] || return 0
  as_database mkdir -p "$containers/registries.conf.d" "$containers/certs.d"
  if [[ -e ${here:?}/registries.conf ]]; then
    place_file 0644 "${SERVICE_USER:?}:$SERVICE_USER" "$here/registries.conf" "$containers/registries.conf.d/50-k3s-cdk.conf"
  else
    remove_file "$containers/registries.conf.d/50-k3s-cdk.conf"
  fi
  [[ -e $here/registry-cas.txt ]] || return 0
  while read -r name file; do
    if [[ ! -r $file ]]; then
      # The files of nodes come with k3s, which needs the database.
      warn "'$file' with the CA of registry '$name' is not on this host, so podman asks it only if the host trusts it anyway ('update-ca-certificates', 'update-ca-trust')"
      continue
    fi
    certificates=$containers/certs.d/$name
    as_database mkdir -p "$certificates"
    place_file 0644 "$SERVICE_USER:$SERVICE_USER" "$file" "$certificates/ca.crt"
  done <"$here/registry-cas.txt"
}

# fetch_image IMAGE: its tag is resolved once and the digest recorded. From then on that digest is pulled, until the
# text in cluster.yaml changes: a tag that moves does not change the database by itself.
fetch_image() {
  local digest
  registries
  digest=$(noted_digest "$1")
  if as_database podman image exists "$1" && { [[ -z $digest ]] || digests_of "$1" | grep -qxF "$digest"; }; then return; fi
  [[ ${DOWNLOAD:?} == yes ]] ||
    fatal "image '$1' is in none of the archives in 'podman/' of the artifacts: add one with 'podman save $1'"
  if [[ -n $digest ]]; then
    info "fetching $1 again as first fetched, $digest"
    pull "${1%:*}@$digest" ||
      fatal "image '$1' cannot be fetched again as first fetched, $digest (podman's output is above): check the registry, the proxy and the network of this host; if the registry has this digest no more, write a newer tag or a digest in cluster.yaml"
    as_database podman tag "${1%:*}@$digest" "$1"
    return
  fi
  info "fetching $1"
  pull "$1" ||
    fatal "image '$1' cannot be fetched (podman's output is above): check its name, the registry, the proxy and the network of this host"
  note_digest "$1" "$(digests_of "$1" | head -n 1)"
}

# pull REFERENCE
pull() { under_manager timeout 900 podman pull --quiet "$1" >/dev/null; }

# digests_of IMAGE: its digests in the repository. That of its list of architectures comes first; podman's `.Digest`,
# which comes last, is that of one architecture (podman 5.4.2).
digests_of() {
  as_database podman image inspect --format '{{println .Digest}}{{range .RepoDigests}}{{println .}}{{end}}' "$1" |
    awk -F@ -v repository="${1%:*}" '
      NR == 1 { own = $1; next }
      $1 == repository { if ($2 == own) last = own; else print $2 }
      END { if (last != "") print last }'
}

# The note, "IMAGE DIGEST", is in the user's home, on the disk of the data, where a new system on the host finds it. It
# is written and read as the user, who owns that folder.
noted_digest() {
  local image digest
  [[ ${DOWNLOAD:?} == yes && $1 != *@* ]] || return 0
  read -r image digest < <(as_database head -c 1000 "${DATA_DIR:?}/home/image" 2>/dev/null) || true
  if [[ ${image:-} == "$1" && ${digest:-} =~ ^sha256:[a-f0-9]{64}$ ]]; then printf '%s\n' "$digest"; fi
}

# note_digest IMAGE DIGEST
note_digest() {
  [[ -n $2 && $1 != *@* ]] || return 0
  printf '%s %s\n' "$1" "$2" | as_database tee "$DATA_DIR/home/image.new" >/dev/null
  as_database mv -fT "$DATA_DIR/home/image.new" "$DATA_DIR/home/image"
  info "$1 is $2"
}

# hold_image UNIT IMAGE: makes a start that has to pull the image again pull the same one.
hold_image() {
  local digest
  digest=$(noted_digest "$2")
  [[ -z $digest ]] || sed -i "s|^Image=.*|Image=${2%:*}@$digest|" "$1"
}

# one_shot [PODMAN-OPTION...] COMMAND...: in a container that ends with it, with options as --name value. Without the
# image's entrypoint, which does not start postgres without data.
one_shot() {
  local -a options=()
  while [[ $1 == --* ]]; do
    options+=("$1" "$2")
    shift 2
  done
  under_manager podman run --rm --quiet --userns=keep-id --pull=never --entrypoint= "${options[@]}" "${IMAGE:?}" "$@"
}

# require_same_major DATA: a server of another major version would reject the data, after the old one had been stopped.
require_same_major() {
  local have want
  [[ -e $1/PG_VERSION ]] || return 0
  have=$(<"$1/PG_VERSION")
  want=$(one_shot --network none postgres --version | grep -oE '[0-9]+' | head -n 1)
  [[ $have == "$want" ]] ||
    fatal "'$1' is of Postgres $have but image '$IMAGE' is Postgres $want: keep an image of version $have, or dump, move the folder away, apply and restore"
}

# check_settings FOLDER: Postgres itself checks the postgresql.conf there and the files that it names.
check_settings() {
  if ! checked_start "$1" -C max_connections >/dev/null 2>&1; then
    # -C does not report the cause; a start, which cannot succeed without data, does.
    checked_start "$1" || true
    fatal "Postgres refuses its settings (its message is above): correct 'database.settings' in cluster.yaml"
  fi
}

# checked_start FOLDER OPTION...: postgres with that configuration and without the data.
checked_start() {
  local folder=$1
  shift
  one_shot --network none --volume "$folder:/etc/postgresql:Z" postgres \
    -c config_file=/etc/postgresql/postgresql.conf -D /tmp "$@" >&2
}

install_for_service() { install -m 0600 -o "${SERVICE_USER:?}" -g "$SERVICE_USER" "$1" "$2"; }

# empty_database FOLDER: created aside and renamed, so existing data is complete. Its collation must not change with the
# image.
empty_database() {
  local next=$1.next
  info "making an empty database in $1"
  rm -rf "$next"
  service_folder "$next"
  one_shot --network none --volume "$next:/var/lib/postgresql/data:Z" initdb --pgdata=/var/lib/postgresql/data \
    --username=postgres --encoding=UTF8 --locale=C --data-checksums --auth-local=peer --auth-host=reject >/dev/null ||
    fatal "initdb failed (its output is above): check that '${DATA_DIR:?}' is writable and has free space"
  sync -f "$next"
  mv -T "$next" "$1"
}

# postgres_failed WHAT
postgres_failed() {
  journalctl --no-pager --lines 20 --output cat CONTAINER_NAME=k3s-postgres + _SYSTEMD_USER_UNIT=k3s-postgres.service >&2 || true
  fatal "Postgres $1 (its last messages are above): see 'sudo -u $SERVICE_USER XDG_RUNTIME_DIR=/run/user/$(id -u "$SERVICE_USER") systemctl --user status k3s-postgres.service'"
}
