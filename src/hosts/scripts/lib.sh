# shellcheck shell=bash
# Functions that every step shares. Sourced by run.sh, which has set strict mode.

info() { printf '%s\n' "$*"; }

fatal() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}
