# shellcheck shell=bash
# shellcheck disable=SC2154 # what make-backup.sh and backup.env have set
# The folder of backups, and which of them are kept. Part of make-backup.sh and drill.sh. Needs lib.sh, lib-postgres.sh
# and, to store one, lib-backup-file.sh.

# Names sort by time.
readonly stamp='[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]T[0-9][0-9][0-9][0-9][0-9][0-9]Z'

# The service has its own mounts, which end with it.
mount_export() {
  [[ -n ${NFS:-} ]] || return 0
  [[ -n ${INVOCATION_ID:-} ]] || fatal "the export is mounted for the service only: run 'systemctl start k3s-cdk-backup'"
  timeout 60 mount -t nfs -o nfsvers=4.2,soft,timeo=50,retrans=2,nosuid,nodev,noexec "$NFS" "$BACKUP_DIR" ||
    fatal "'$NFS' cannot be mounted (the reason is above): is the server on, and may this host mount the export?"
}

# Where this backup is kept.
stored() { echo "$BACKUP_DIR/$CLUSTER-$created.tar$(if recipients >/dev/null; then echo .cms; fi)"; }

# Atomic, even if power fails.
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
  info "created $file ($(du -h "$file" | cut -f1))"
}

# Keeps the newest ones, the newest of each day and the newest of each week, and removes others of this cluster.
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
backups() { find "$BACKUP_DIR" -maxdepth 1 -type f \( -name "$CLUSTER-$stamp.tar" -o -name "$CLUSTER-$stamp.tar.cms" \) | sort -r; }
