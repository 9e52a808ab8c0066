# shellcheck shell=bash
# Which release of k3s may follow which. Needs lib.sh, COMMAND, VERSION, LAST_VERSION and ANY_VERSION.

# refuse_version RELEASE-HERE: Terraform has compared with the last finished rollout. Where it could not, compare with
# what last ran well here: databases do not survive a downgrade, nor components a skipped minor version. An agent has no
# database, and one that was off for a year follows its servers.
refuse_version() {
  local last=${LAST_VERSION:-$1}
  [[ ${COMMAND:?} == server ]] || return 0
  if [[ ${ANY_VERSION:?} == true || -z $last || $last == "${VERSION:?}" ]]; then return 0; fi
  if [[ $(printf '%s\n' "$last" "$VERSION" | sort --version-sort | head -n 1) == "$VERSION" ]]; then
    fatal "k3s $last ran here, and there is no way back to $VERSION; nothing was changed: set 'k3s.version' to $last or later, or apply once with TF_VAR_any_k3s_version=true in the environment"
  fi
  (($(minor_of "$VERSION") <= $(minor_of "$last") + 1)) ||
    fatal "k3s $last ran here, and $VERSION skips a minor version; nothing was changed: set 'k3s.version' to a release of the minor version after $last first, or apply once with TF_VAR_any_k3s_version=true in the environment"
}

# minor_of RELEASE
minor_of() {
  local rest=${1#*.}
  printf '%s\n' "${rest%%.*}"
}

# The running version and the one before it stay, for a rollback.
remove_old_binaries() {
  local binary previous=$1
  for binary in /usr/local/bin/k3s-v*; do
    [[ $binary == */k3s-"$VERSION" || $binary == */"$previous" ]] || remove_file "$binary"
  done
}
