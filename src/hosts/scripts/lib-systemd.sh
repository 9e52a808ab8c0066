# shellcheck shell=bash
# Functions for systemd's units. Needs lib.sh.

# start_unit UNIT REMEDY: enabled and running with its present files; restarts only if UNIT is marked as changed.
start_unit() {
  local unit=$1 remedy=$2
  reload_systemd
  systemctl enable --quiet "$unit"
  if is_changed "$unit" || ! systemctl is-active --quiet "$unit"; then
    info "starting $unit"
    # A unit that failed too often does not start before this.
    systemctl reset-failed "$unit" 2>/dev/null || true
    systemctl restart "$unit" || unit_failed "$unit" "$remedy"
    clear_changed "$unit"
  fi
}

# reload_unit UNIT REMEDY: like start_unit, but a running unit only reads its files again.
reload_unit() {
  local unit=$1 remedy=$2
  if is_changed "$unit" && systemctl is-active --quiet "$unit"; then
    reload_systemd
    info "reloading $unit"
    systemctl reload "$unit" || unit_failed "$unit" "$remedy"
    clear_changed "$unit"
  fi
  start_unit "$unit" "$remedy"
}

# Cheap enough to do always: systemd does not notice new files by itself.
reload_systemd() { systemctl daemon-reload; }

# unit_failed UNIT REMEDY: the unit's own last words, then the end.
unit_failed() {
  journalctl --no-pager --lines 20 --output cat --unit "$1" >&2 || true
  fatal "$1 does not run (its last messages are above): $2"
}
