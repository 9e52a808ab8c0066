# shellcheck shell=bash
# Functions for systemd's units. Needs lib.sh.

# start_unit UNIT REMEDY: enabled and running with its present files; restarts only if UNIT is marked as changed.
start_unit() {
  # systemd does not notice new files by itself.
  systemctl daemon-reload
  record unit "$1"
  # Somebody may have turned it off in either way.
  systemctl unmask --quiet "$1"
  systemctl enable --quiet "$1"
  if is_changed "$1" || ! systemctl is-active --quiet "$1"; then
    info "starting $1"
    # A unit that failed too often does not start before this.
    systemctl reset-failed "$1" 2>/dev/null || true
    systemctl restart "$1" || unit_failed "$1" "$2"
    clear_changed "$1"
  fi
}

# reload_unit UNIT REMEDY: like start_unit, but a running unit only reads its files again.
reload_unit() {
  if is_changed "$1" && systemctl is-active --quiet "$1"; then
    systemctl daemon-reload
    info "reloading $1"
    systemctl reload "$1" || unit_failed "$1" "$2"
    clear_changed "$1"
  fi
  start_unit "$1" "$2"
}

# unit_failed UNIT REMEDY: the unit's own last words, then the end.
unit_failed() {
  journalctl --no-pager --lines 20 --output cat --unit "$1" >&2 || true
  fatal "$1 does not run (its last messages are above): $2"
}
