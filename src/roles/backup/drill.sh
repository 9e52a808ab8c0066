#!/usr/bin/env bash
# Restore drill: loads the newest backup into a Postgres that exists only for that, in a container without a network, and
# compares what is in it with what the backup says. Installed on the database host by the backup step.
#
# Argument: 'start-if-due' to have systemd start it if the last good one is more than DRILL_DAYS old; without one it does it
set -euo pipefail
umask 077

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=lib-database-user.sh
. "$here/lib-database-user.sh"
# shellcheck source=lib-postgres.sh
. "$here/lib-postgres.sh"
# shellcheck source=lib-backup-folder.sh
. "$here/lib-backup-folder.sh"
# shellcheck source=lib-open-backup.sh
. "$here/lib-open-backup.sh"
# shellcheck source=lib-offsite.sh
. "$here/lib-offsite.sh"
# shellcheck source=/dev/null
. "$here/backup.env"
: "${HOST:?}" "${CLUSTER:?}" "${DATA_DIR:?}" "${BACKUP_DIR:?}" "${DRILL_DAYS:?}"

readonly state=/var/lib/k3s-cdk/backup/drill.json work=$DATA_DIR/drill.work
name='' counted=''

main() {
  if [[ ${1:-} == start-if-due ]]; then
    start_if_due
    return
  fi
  take_backup_lock
  drill 9>&-
}

drill() {
  wait_until 60 answers || fatal "Postgres does not answer: see 'k3s-cdk status'"
  if is_standby; then
    info "another database host is the primary, and tries its backups"
    return
  fi
  trap 'finished $?' EXIT
  rm -rf "$work"
  mkdir "$work"
  newest_backup
  require_space "$work" "$(($(stat -c %s "$work/file") * 10 / 1048576))" "a restore drill"
  opened <"$work/file" | unpack
  compare
}

start_if_due() {
  local last
  ((DRILL_DAYS > 0)) || return 0
  # One that becomes the primary has this long for its first.
  if is_standby; then
    note "$(member lastSuccess)" "$(member backup)" "$(now)" null
    return
  fi
  last=$(date -d "$(member lastSuccess | tr -d '"')" +%s 2>/dev/null) || last=0
  # Backups are not made to the minute.
  (($(date +%s) - last < DRILL_DAYS * 86400 - 3600)) || systemctl start --no-block k3s-cdk-drill.service
}

newest_backup() {
  local file
  if [[ -n ${OFFSITE:-} ]]; then
    name=$(offsite_names | head -n 1)
    [[ -n $name ]] || fatal "there is no backup of '$CLUSTER' in '$OFFSITE' to be tried"
    from_offsite "$name" >"$work/file"
    return
  fi
  mount_export
  file=$(backups | head -n 1)
  [[ -n $file ]] || fatal "there is no backup in '$BACKUP_DIR' to be tried: 'systemctl start k3s-cdk-backup' makes one"
  name=${file##*/}
  cp "$file" "$work/file"
}

# With this host's own key, for which its backups are encrypted, too.
opened() {
  if [[ $name != *.cms ]]; then
    cat
  else
    openssl cms -decrypt -binary -inform DER -inkey "$here/drill.key" ||
      fatal "'$name' cannot be opened with the key of this host: it is damaged, or older than that key, or another host has made it; 'systemctl start k3s-cdk-backup' makes another one"
  fi
}

compare() {
  local expected
  expected=$(grep -oP '"counted": *"\K[0-9]+ [0-9]+ [0-9]+' "$work/manifest.json") ||
    fatal "'$name' does not say what is in it, as it was made by an older k3s-cdk: 'systemctl start k3s-cdk-backup' makes another one"
  chown -R "$SERVICE_USER:$SERVICE_USER" "$work"
  counted=$(scratch_postgres) || fatal "'$name' cannot be restored (the reason is above): make another backup, and keep the older ones"
  [[ $counted == "$expected" ]] ||
    fatal "'$name' has $expected (rows, newest revision, bytes) by its own account, and restored it has $counted: make another backup, and keep the older ones"
  info "$name can be restored: ${counted%% *} rows, up to revision $(cut -d' ' -f2 <<<"$counted")"
}

# What is in the backup once it is restored, as lib-backup-file.sh counts it. With the image that Postgres runs from now.
scratch_postgres() {
  local image
  local -a limits=()
  image=$(as_database podman inspect --format '{{.Image}}' k3s-postgres)
  # Not everywhere may a user's containers have a limit.
  if grep -qsw memory "/sys/fs/cgroup/user.slice/user-$(id -u "$SERVICE_USER").slice/user@$(id -u "$SERVICE_USER").service/cgroup.controllers"; then
    limits=(--memory 512m)
  fi
  under_manager timeout 3600 nice -n 19 ionice -c 3 podman run --rm --quiet --name k3s-drill --replace --userns=keep-id \
    --pull=never --entrypoint= --network none --cap-drop all "${limits[@]}" --volume "$work:/scratch:Z" "$image" sh -c "$in_container"
}

# shellcheck disable=SC2016 # variables of the container
readonly in_container='set -e
data=/scratch/data
initdb --pgdata="$data" --username=postgres --encoding=UTF8 --locale=C --auth=trust --no-sync >/dev/null
pg_ctl start --wait --silent --timeout=600 --pgdata="$data" --log=/scratch/log \
  --options="-c listen_addresses= -c unix_socket_directories=/scratch -c shared_buffers=32MB -c max_connections=10 -c fsync=off -c autovacuum=off" >&2 ||
  { tail -n 20 /scratch/log >&2; exit 1; }
ask() { psql -XAtq -F " " -v ON_ERROR_STOP=1 -h /scratch -U postgres "$@"; }
ask -d postgres -c "CREATE DATABASE drill TEMPLATE template0" >&2
pg_restore --host=/scratch --username=postgres --dbname=drill --no-owner --no-privileges --exit-on-error /scratch/k3s.dump >&2
if [ "$(ask -d drill -c "SELECT to_regclass('"'public.kine'"') IS NOT NULL")" = t ]; then
  ask -d drill -c "SELECT count(*), coalesce(max(id), 0), coalesce(sum(length(value)), 0) FROM kine"
else
  echo 0 0 0
fi
pg_ctl stop --wait --silent --mode=immediate --pgdata="$data" >&2'

now() { printf '"%s"' "$(date -u +%FT%TZ)"; }

# member NAME: of what is written down, with its quotes.
member() { grep -oP "\"$1\": *\K(\"[^\"]*\"|null)" "$state" 2>/dev/null || echo null; }

# note SUCCESS BACKUP SINCE FAILURE: for `k3s-cdk status`. Since then this host has had to try its backups.
note() {
  printf '{ "lastSuccess": %s, "backup": %s, "since": %s, "lastFailure": %s }\n' "$@" >"$state.next"
  mv -fT "$state.next" "$state"
}

finished() {
  local since
  rm -rf "$work"
  since=$(member since)
  [[ $since != null ]] || since=$(now)
  if (($1 == 0)); then
    note "$(now)" "\"$name\"" "$since" null
  else
    note "$(member lastSuccess)" "$(member backup)" "$since" "$(now)"
  fi
}

main "$@"
