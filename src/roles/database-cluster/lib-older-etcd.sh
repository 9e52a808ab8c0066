# shellcheck shell=bash
# Migrates from an etcd in memory, which releases before December 2026 had, to one on disk. The new etcd learns nothing
# from the old one. So before the old one goes, the database host whose steps come first becomes the primary and records
# in the old etcd that no other host may become it. Once the old etcd is gone no other can, and Patroni there stays the
# primary (failsafe_mode) until its own step moves it to the new etcd, where the other hosts follow. Needs
# lib-patroni.sh.

# On the host that has become the primary: its step may go first.
older_primary=/var/lib/k3s-etcd/older-primary

# is_older DATABASE_FOLDER: Patroni there is still set up in the old way.
is_older() { [[ -e $1/config/guard.json ]]; }

# With etcd's step. Needs DATA_DIR, DATABASE_DIR, FIRST.
leave_older_etcd() {
  local name
  if [[ ${FIRST:?} == true && -n ${DATABASE_DIR?} && ! -e $older_primary ]] && is_older "$DATABASE_DIR"; then
    stay_primary
    touch "$older_primary"
  fi
  [[ -e ${DATA_DIR:?}/join.sh ]] || return 0
  info "the etcd in memory gives way to one on disk"
  as_database systemctl --user stop k3s-etcd-watch.service k3s-etcd.service || true
  for name in watch.sh settings.env home/.config/systemd/user/k3s-etcd-watch.service config/{ca.crt,member.crt,member.key} join.sh; do
    remove_file "$DATA_DIR/$name"
  done
}

stay_primary() {
  # The unit of the database, not of etcd.
  # shellcheck disable=SC2034 # of lib-patroni.sh
  local DATA_DIR=$DATABASE_DIR SERVICE_USER=k3s-postgres host_program=guard.py from
  wait_until 60 has_leader ||
    fatal "the etcd of the database hosts is of an older form, and they have no primary, so it cannot be replaced; nothing was changed: fix that first, see 'journalctl CONTAINER_NAME=k3s-postgres' on them"
  from=$(leader)
  if [[ $from != "${HOST:?}" ]]; then
    switch_over "$from" "$HOST"
    wait_until 60 is_leader ||
      fatal "the etcd of the database hosts is of an older form, and this host, which moves to the new one first, does not become the primary; nothing was changed: see 'k3s-cdk status', and apply again when it is a synchronous standby"
  fi
  in_postgres /usr/bin/python3 /etc/patroni/guard.py alone </dev/null >&2 ||
    fatal "etcd does not take note that no other host may become the primary; nothing was changed: apply again"
}

# With the step of a database host, before Patroni gets the address of the new etcd. Needs DATA_DIR, initialized.
require_moved() {
  is_older "${DATA_DIR:?}" && [[ ! -e $older_primary ]] && ! initialized || return 0
  fatal "the database hosts come from an etcd of an older form, and this one is not the primary that goes first; nothing was changed: apply to all hosts"
}

# When Patroni runs with the new etcd.
forget_older_form() {
  local name
  for name in "$DATA_DIR"/config/guard*.py "$DATA_DIR"/config/{guard.json,member.crt,member.key} "$DATA_DIR"/cluster/{sole,promote-anyway}; do
    [[ ! -e $name ]] || remove_file "$name"
  done
  rm -f "$older_primary"
}
