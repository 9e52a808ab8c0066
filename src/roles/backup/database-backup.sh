#!/usr/bin/env bash
# Sets up backups of the database: installs the program that makes them and the timer that starts it.
#
# Inputs (step.env):
#   DATA_DIR, SERVICE_USER, DATABASE  see database.sh
#   CLUSTER     name of the cluster
#   ENABLED     true if the timer runs
#   SCHEDULE    when, as systemd's OnCalendar
#   BACKUP_DIR  folder that gets them
#   NFS         server:/path that is mounted there during a backup; empty for none
#   TOKENS      see database.sh
#   LIBRARIES   files that make-backup.sh and restore-backup.sh source
#   KEEP_LAST, KEEP_DAILY, KEEP_WEEKLY  how many stay
#   OFFSITE, OFFSITE_KEEP, PRUNE  see lib-offsite.sh
#   DRILL_DAYS  days between two restore drills, 0 for none
# Files beside it: make-backup.sh, restore-backup.sh, offsite-backup.sh, drill.sh and their libraries, k3s-cdk-backup.service,
#   k3s-cdk-backup.timer, k3s-cdk-drill.service, uninstall-backup.sh
# Argument: folder with the token, previous-tokens (optional), recipient-N.crt, and restic's files if there is a repository
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
# shellcheck source=lib-postgres.sh
. "$here/lib-postgres.sh"
# shellcheck source=lib-kine.sh
. "$here/lib-kine.sh"
# shellcheck source=lib-token.sh
. "$here/lib-token.sh"
# shellcheck source=lib-systemd.sh
. "$here/lib-systemd.sh"
# shellcheck source=/dev/null
. "$here/step.env"

readonly tools=/usr/local/libexec/k3s-cdk/database units=/etc/systemd/system

main() {
  local secrets=$1 file
  : "${ENABLED:?}" "${SCHEDULE:?}" "${BACKUP_DIR:?}" "${DATABASE:?}" "${LIBRARIES:?}" "${DRILL_DAYS:?}"
  require_known_token "$DATABASE"
  systemd-analyze calendar "$SCHEDULE" >/dev/null 2>&1 ||
    fatal "'$SCHEDULE' is not a calendar expression of systemd: correct 'database.backup.schedule', 'systemd-analyze calendar' explains it"
  [[ -z ${APT_PACKAGES:-} ]] || install_step_packages
  install -d -m 0700 "$tools" /var/lib/k3s-cdk/backup
  place_file 0755 root:root "$here/uninstall-backup.sh" /usr/local/lib/k3s-cdk/uninstall.d/45-database-backup
  for file in make-backup.sh restore-backup.sh offsite-backup.sh drill.sh; do place_file 0755 root:root "$here/$file" "$tools/$file"; done
  for file in $LIBRARIES; do place_file 0644 root:root "$here/$file" "$tools/$file"; done
  place_file 0600 root:root "$here/step.env" "$tools/backup.env"
  place_file 0600 root:root "$secrets/token" "$tools/token"
  if [[ -e $secrets/previous-tokens ]]; then
    place_file 0600 root:root "$secrets/previous-tokens" "$tools/previous-tokens"
  else
    remove_file "$tools/previous-tokens"
  fi
  recipients "$secrets"
  for file in restic-password restic.env restic-ssh-key restic-known-hosts; do
    if [[ -n $OFFSITE && -e $secrets/$file ]]; then
      place_file 0600 root:root "$secrets/$file" "$tools/$file"
    else
      remove_file "$tools/$file"
    fi
  done
  # Nobody else may look for a token there; a folder that a person has set up differently is left.
  backup_folder
  place_file 0644 root:root "$here/k3s-cdk-backup.service" "$units/k3s-cdk-backup.service"
  place_file 0644 root:root "$here/k3s-cdk-drill.service" "$units/k3s-cdk-drill.service"
  place_file 0644 root:root "$here/k3s-cdk-backup.timer" "$units/k3s-cdk-backup.timer" k3s-cdk-backup.timer
  timer
  # Where they used to be: a folder of libraries to SELinux, from which systemd starts no program.
  rm -rf /usr/local/lib/k3s-cdk/database
}

# An existing folder stays as its owner has it: backups have distinct names, and only root can read them.
backup_folder() {
  check_place "$BACKUP_DIR"
  [[ ! -d $BACKUP_DIR ]] || return 0
  install -d -m 0700 "$BACKUP_DIR"
  mark_folder "$BACKUP_DIR"
}

recipients() {
  local file
  for file in "$tools"/recipient-[0-9]*.crt; do
    [[ ! -e $file || -e $1/${file##*/} ]] || remove_file "$file"
  done
  for file in "$1"/recipient-*.crt; do
    [[ ! -e $file ]] || place_file 0644 root:root "$file" "$tools/${file##*/}"
  done
  drill_key
}

# Encrypted backups are for this host as well, or it could not try them. Whoever is root here has the database and its token
# anyway, and with this key older backups. It never leaves the host.
drill_key() {
  local certificate=$tools/recipient-drill.crt
  if ((DRILL_DAYS == 0)) || ! compgen -G "$tools/recipient-[0-9]*.crt" >/dev/null; then
    remove_file "$certificate"
    remove_file "$tools/drill.key"
    return
  fi
  if [[ ! -s $certificate || ! -s $tools/drill.key ]]; then
    info "making a key for restore drills"
    openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -days 36500 -subj "/CN=$HOST" \
      -keyout "$here/drill.key" -out "$here/drill.crt" 2>/dev/null || fatal "openssl cannot make a key"
    place_file 0600 root:root "$here/drill.key" "$tools/drill.key"
    place_file 0644 root:root "$here/drill.crt" "$certificate"
    rm -f "$here/drill.key"
  fi
}

timer() {
  if [[ $ENABLED == true ]]; then
    start_unit k3s-cdk-backup.timer "see 'systemctl status k3s-cdk-backup.timer' on the host"
  else
    systemctl daemon-reload
    systemctl disable --quiet --now k3s-cdk-backup.timer
    clear_changed k3s-cdk-backup.timer
  fi
}

main "$@"
