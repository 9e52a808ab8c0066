# shellcheck shell=bash
# Notes of what a step has put on the host, which `k3s-cdk status` compares with what is there later. start.sh names the
# file that gets them as RECORD, and keeps it. Lines, of which the last one for a path or unit counts:
#   file SHA256 SIZE MTIME MODE OWNER:GROUP PATH
#   link TARGET PATH
#   gone PATH
#   unit NAME   it is enabled and runs

# record KIND VALUE...
record() { [[ -z ${RECORD:-} ]] || printf '%s\n' "$*" >>"$RECORD"; }

# record_file PATH
record_file() {
  local sum
  [[ -n ${RECORD:-} ]] || return 0
  if [[ -L $1 ]]; then
    record link "$(readlink "$1")" "$1"
  else
    sum=$(sha256sum <"$1")
    record file "${sum%% *}" "$(stat -c '%s %Y %04a %U:%G' "$1")" "$1"
  fi
}
