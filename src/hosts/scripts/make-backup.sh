#!/usr/bin/env bash
# Makes a backup: the database and the token of k3s in one file, encrypted if there are recipients. Installed on the
# database host by the backup step, with its inputs in backup.env beside it; see there.
#
# Argument: '-' to write the file to standard output, its checksum to standard error, and keep nothing; without one it is kept in BACKUP_DIR and old ones
#   are removed
# Exits 76 if it was to write the file and another database host is the primary.
set -euo pipefail
umask 077

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
rm -f "$here/told"
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=lib-database-user.sh
. "$here/lib-database-user.sh"
# shellcheck source=lib-postgres.sh
. "$here/lib-postgres.sh"
# shellcheck source=/dev/null
. "$here/backup.env"
: "${HOST:?}" "${CLUSTER:?}" "${DATA_DIR:?}" "${DATABASE:?}" "${BACKUP_DIR:?}"
: "${KEEP_LAST:?}" "${KEEP_DAILY:?}" "${KEEP_WEEKLY:?}"

readonly state=/var/lib/k3s-cdk/backup/last.json
readonly work=$DATA_DIR/backup.work
# Names sort by time.
readonly extension=.tar stamp='[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]T[0-9][0-9][0-9][0-9][0-9][0-9]Z'

created=$(date -u +%Y%m%dT%H%M%SZ)
readonly created

main() {
  exec 9>/run/lock/k3s-cdk-make-backup
  flock --wait 900 9 || fatal "another backup has been running for 15 minutes: see 'systemctl status k3s-cdk-backup'"
  trap 'rm -rf "$work" "$work.file"' EXIT
  wait_until 60 answers || fatal "Postgres does not answer: see 'k3s-cdk status'"
  if is_standby; then
    # One backup is enough: the primary makes it.
    [[ ${1:-} != - ]] || exit "$not_the_primary"
    info "another database host is the primary, and makes the backup"
    exit 0
  fi
  if [[ ${1:-} == - ]]; then
    # Messages go where they do not get into the file.
    exec 3>&1 1>&2
    archive >"$work.file"
    info "sha256 $(sum "$work.file")"
    cat "$work.file" >&3
  else
    trap 'finished $?' EXIT
    mount_export
    store
    remove_old
  fi
}

# Told to `k3s-cdk status` by a file: {"lastSuccess", "file", "bytes"} of the last good one, "lastFailure" if one
# has failed since; times in ISO 8601, null for never.
finished() {
  local status=$1 last=null bytes=null failure=null name=null time
  rm -rf "$work"
  time="\"$(date -u -d "${created:0:8} ${created:9:2}:${created:11:2}:${created:13:2}" +%FT%TZ)\""
  if ((status == 0)); then
    last=$time name="\"$(stored)\"" bytes=$(stat -c %s "$(stored)")
  else
    failure=$time
    if [[ -e $state ]]; then
      last=$(grep -oP '"lastSuccess": *\K("[^"]*"|null)' "$state") || last=null
      name=$(grep -oP '"file": *\K("[^"]*"|null)' "$state") || name=null
      bytes=$(grep -oP '"bytes": *\K([0-9]+|null)' "$state") || bytes=null
    fi
  fi
  printf '{ "lastSuccess": %s, "file": %s, "bytes": %s, "lastFailure": %s }\n' \
    "$last" "$name" "$bytes" "$failure" >"$state.next"
  mv -fT "$state.next" "$state"
}

# The service has mounts of its own, which end with it.
mount_export() {
  [[ -n ${NFS:-} ]] || return 0
  [[ -n ${INVOCATION_ID:-} ]] || fatal "the export is mounted for the service only: run 'systemctl start k3s-cdk-backup'"
  timeout 60 mount -t nfs -o nfsvers=4.2,soft,timeo=50,retrans=2,nosuid,nodev,noexec "$NFS" "$BACKUP_DIR" ||
    fatal "'$NFS' cannot be mounted (the reason is above): is the server on, and may this host mount the export?"
}

recipients() { compgen -G "$here/recipient-*.crt"; }

file_extension() { if recipients >/dev/null; then echo "$extension.cms"; else echo "$extension"; fi; }

# Where this backup is kept.
stored() { echo "$BACKUP_DIR/$CLUSTER-$created$(file_extension)"; }

# archive: to standard output.
archive() {
  local size
  size=$(sql "SELECT pg_database_size('$DATABASE') / 1048576")
  rm -rf "$work"
  mkdir "$work"
  require_space "$work" "$((size * 2))" "a backup"
  in_postgres pg_dump --format=custom --host=/tmp --username=postgres --dbname="$DATABASE" </dev/null >"$work/k3s.dump" ||
    fatal "the database cannot be dumped (the reason is above)"
  cp "$here/token" "$work/token"
  manifest >"$work/manifest.json"
  tar --create --directory "$work" --owner=root:0 --group=root:0 --file - manifest.json token k3s.dump | encrypted
}

manifest() {
  local version
  version=$(sql 'SHOW server_version_num')
  printf '{ "format": 1, "cluster": "%s", "created": "%s", "host": "%s", "postgres": %d,\n  "sha256": { "token": "%s", "k3s.dump": "%s" } }\n' \
    "$CLUSTER" "$created" "$HOST" "$((version / 10000))" "$(sum "$work/token")" "$(sum "$work/k3s.dump")"
}

sum() { sha256sum <"$1" | cut -d' ' -f1; }

# CMS: every system has a program for it, and `openssl cms -decrypt` opens it without us.
encrypted() {
  local -a options=()
  local file
  while read -r file; do
    options+=(-recip "$file")
    if openssl x509 -in "$file" -noout -text | grep -q id-ecPublicKey; then
      options+=(-keyopt ecdh_kdf_md:sha256)
    else
      options+=(-keyopt rsa_padding_mode:oaep)
    fi
  done < <(recipients || true)
  if ((${#options[@]} == 0)); then
    cat
  else
    openssl cms -encrypt -binary -stream -outform DER -aes256 "${options[@]}"
  fi
}

# There at once and whole, whenever power fails.
store() {
  local temporary file size=0
  local -a present
  rm -f "$BACKUP_DIR"/.k3s-cdk-backup.*
  mapfile -t present < <(backups)
  ((${#present[@]} == 0)) || size=$(($(stat -c %s "${present[0]}") / 1048576))
  require_space "$BACKUP_DIR" "$((size * 2))" "a backup"
  temporary=$(mktemp "$BACKUP_DIR/.k3s-cdk-backup.XXXXXX")
  archive >"$temporary" || fatal "the backup cannot be written to '$BACKUP_DIR' (the reason is above)"
  sync "$temporary"
  file=$(stored)
  mv -fT "$temporary" "$file"
  sync "$BACKUP_DIR"
  info "made $file ($(du -h "$file" | cut -f1))"
}

# The newest ones, the newest of each day, the newest of each week; others of this cluster go.
remove_old() {
  local file name day week index=0
  local -A days=() weeks=()
  while read -r file; do
    name=${file##*/"$CLUSTER"-}
    day=${name:0:8}
    week=$(date -u -d "$day" +%G-%V)
    index=$((index + 1))
    if ((index <= KEEP_LAST)); then
      days[$day]=1 weeks[$week]=1
    elif [[ -z ${days[$day]:-} ]] && ((${#days[@]} < KEEP_DAILY)); then
      days[$day]=1 weeks[$week]=1
    elif [[ -z ${weeks[$week]:-} ]] && ((${#weeks[@]} < KEEP_WEEKLY)); then
      weeks[$week]=1
    else
      rm -f "$file"
      info "removed $file"
    fi
  done < <(backups)
}

# Newest first.
backups() { find "$BACKUP_DIR" -maxdepth 1 -type f \( -name "$CLUSTER-$stamp$extension" -o -name "$CLUSTER-$stamp$extension.cms" \) | sort -r; }

main "$@"
