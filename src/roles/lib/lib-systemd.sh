# shellcheck shell=bash
# Functions for systemd's units. Needs lib.sh.

# start_unit UNIT REMEDY: enabled and running with its present files; restarts only if UNIT is marked as changed.
start_unit() {
  record unit "$1"
  read_unit "$1"
  if is_changed "$1" || ! systemctl is-active --quiet "$1"; then
    info "starting $1"
    # A unit that failed too often does not start before this.
    systemctl reset-failed "$1" 2>/dev/null || true
    systemctl restart "$1" || unit_failed "$1" "$2"
    clear_changed "$1"
  fi
}

# read_unit UNIT: enables it, however it was turned off, and makes systemd read its current files. systemd rereads all
# files for each of the three commands, which takes seconds on a small machine: so only where needed.
read_unit() {
  local state
  state=$(systemctl is-enabled "$1" 2>/dev/null) || true
  if [[ $state == masked* ]]; then systemctl unmask --quiet "$1"; fi
  [[ $state == enabled ]] || systemctl enable --quiet "$1"
  state=$(systemctl show --property LoadState --property NeedDaemonReload "$1")
  [[ $state == *LoadState=loaded* && $state == *NeedDaemonReload=no* ]] || systemctl daemon-reload
}

# reload_unit UNIT REMEDY: like start_unit, but a running unit only reads its files again.
reload_unit() {
  if is_changed "$1" && systemctl is-active --quiet "$1"; then
    read_unit "$1"
    info "reloading $1"
    systemctl reload "$1" || unit_failed "$1" "$2"
    clear_changed "$1"
  fi
  start_unit "$1" "$2"
}

# unit_failed UNIT REMEDY: prints the unit's last messages, then fails.
unit_failed() {
  journalctl --no-pager --lines 20 --output cat --unit "$1" >&2 || true
  fatal "$1 does not run (its last messages are above): $2"
}
