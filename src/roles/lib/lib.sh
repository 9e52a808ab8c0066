# shellcheck shell=bash
# Functions that every step shares: messages, files, changes, waiting. Sourced by run.sh, which has set strict mode.

# From step.env, if cluster.yaml has a proxy.
export http_proxy https_proxy no_proxy

# Output is for the operator, who may be gone: a failed write is no reason to stop.
info() { printf '%s\n' "$*" || true; }

warn() { printf 'warning: %s: %s\n' "${HOST:-$(uname -n)}" "$*" >&2 || true; }

# fatal CAUSE-AND-REMEDY
fatal() {
  printf 'error: %s: %s\n' "${HOST:-$(uname -n)}" "$*" >&2 || true
  ((BASH_SUBSHELL == 0)) || exit "$reported"
  exit 1
}

# Status of a subshell that has reported what is wrong.
reported=113

# A command failed unexpectedly, and strict mode ends the step: usually because of a full disk.
unexpected() {
  local status=$? command=$BASH_COMMAND remedy='fix the cause' full
  ((BASH_SUBSHELL == 0)) || return 0
  ((status != reported)) || exit 1
  full=$(df --output=avail,target / /var /tmp /run ${DATA_DIR:+"$DATA_DIR"} 2>/dev/null | awk '$1 == "0" { print $2; exit }')
  [[ -z $full ]] || remedy="'$full' is full, remove files there ('du -xh $full | sort -h')"
  fatal "'$command' failed (its own message is above): $remedy, then ${again:-apply again}"
}
set -o errtrace
trap unexpected ERR

# A change that a service has not applied yet, identified by a tag, usually the unit's name. Kept in /run: a step that
# dies
# between the change and the restart finds it again, and after a reboot the service has read everything anyway.
mark_changed() { mkdir -p /run/k3s-cdk-changed && touch "/run/k3s-cdk-changed/$1"; }
is_changed() { [[ -e /run/k3s-cdk-changed/$1 ]]; }
clear_changed() { rm -f "/run/k3s-cdk-changed/$1"; }

# place_file MODE OWNER:GROUP SOURCE TARGET [TAG]: TARGET becomes SOURCE at once or not at all; marks TAG if it differs.
# MODE has four digits.
place_file() {
  local mode=$1 owner=$2 source=$3 target=$4 tag=${5:-} temporary
  if [[ -f $target && $(stat -c '%04a %U:%G' "$target") == "$mode $owner" ]] && cmp -s "$source" "$target"; then
    placed "$target"
    return 0
  fi
  [[ -z $tag ]] || mark_changed "$tag"
  mkdir -p "$(dirname "$target")"
  # Always the same name: the next run overwrites what a dead one has left.
  temporary=$target.k3s-cdk-new
  install -m "$mode" -o "${owner%:*}" -g "${owner#*:}" "$source" "$temporary"
  mv -fT "$temporary" "$target"
  placed "$target"
  info "changed $target"
}

# placed PATH: a file or link has come to where it belongs, now or in a run that died before this. A copy may have the
# label of the folder it comes from, with which systemd starts no unit.
placed() {
  label "$1"
  record_file "$1"
}

# remove_file TARGET [TAG]
remove_file() {
  record gone "$1"
  [[ -e $1 || -L $1 ]] || return 0
  [[ -z ${2:-} ]] || mark_changed "$2"
  rm -f "$1"
  info "removed $1"
}

# label PATH...: restores SELinux labels of the policy, except those of container files; does nothing without SELinux.
label() {
  if command -v restorecon >/dev/null; then restorecon -R "$@"; fi
}

has_selinux() { [[ -x /usr/sbin/selinuxenabled ]] && /usr/sbin/selinuxenabled; }

# rest_after BEGIN: pauses between two attempts for half a second plus the time that the one since BEGIN (of SECONDS)
# took. On a slow
# machine kubectl would take the processor from the k3s that it waits for.
rest_after() { sleep "$((SECONDS - $1)).5"; }

# wait_until SECONDS COMMAND...: whether COMMAND succeeded within the time.
wait_until() {
  local deadline=$((SECONDS + $1)) began=$SECONDS
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    rest_after "$began"
    began=$SECONDS
  done
}

# architecture: amd64 or arm64.
architecture() {
  local machine
  machine=$(uname -m)
  case $machine in
    x86_64) echo amd64 ;;
    aarch64) echo arm64 ;;
    *) fatal "architecture '$machine' is not supported: use a 64-bit ARM or x86 system (a Raspberry Pi needs the 64-bit Raspberry Pi OS)" ;;
  esac
}

# Records of what a step has put on the host, which `k3s-cdk status` later compares with the host. start.sh sets their
# file as RECORD, and keeps it. Lines, of which the last one for a path or unit counts:
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

# leave UNINSTALLER...: uninstalls a role that this host has lost while it stays in the cluster.
leave() {
  local script
  for script; do
    script=/usr/local/lib/k3s-cdk/uninstall.d/$script
    [[ -x $script ]] || continue
    info "this host has lost a role: $script"
    # There will be another apply, so a database in use need not be stopped.
    "$script" unless-used || fatal "'$script' fails (its message is above): fix the cause, then apply again"
  done
}
