# shellcheck shell=bash
# Packages by apt or dnf, whichever the system has. Needs lib.sh.

# Seconds to wait for another package manager, and for all of one installation.
readonly package_lock_timeout=180 package_timeout=${PACKAGE_TIMEOUT:-900}

package_manager() {
  if command -v apt-get >/dev/null; then
    echo apt
  elif command -v dnf >/dev/null; then
    echo dnf
  else
    fatal "neither apt-get nor dnf is there: use Debian, Raspberry Pi OS, Ubuntu, Oracle Linux, Rocky, Alma or RHEL"
  fi
}

# install_step_packages: APT_PACKAGES or DNF_PACKAGES of the step.
install_step_packages() {
  # shellcheck disable=SC2086 # lists
  install_packages apt ${APT_PACKAGES:?}
  # shellcheck disable=SC2086
  install_packages dnf ${DNF_PACKAGES:?}
}

# install_packages apt|dnf PACKAGE...: those that are missing, if this is the system's package manager.
install_packages() {
  local manager=$1 package
  local -a missing=()
  shift
  [[ $(package_manager) == "$manager" ]] || return 0
  for package in "$@"; do has_package "$manager" "$package" || missing+=("$package"); done
  ((${#missing[@]} > 0)) || return 0
  info "installing ${missing[*]}"
  "${manager}_install" "${missing[@]}"
}

has_package() {
  case $1 in
    apt) [[ $(dpkg-query -W -f '${db:Status-Status}' "$2" 2>/dev/null) == installed ]] ;;
    *) rpm -q --quiet "$2" ;;
  esac
}

# package_is_offered PACKAGE: by a repository.
package_is_offered() {
  case $(package_manager) in
    apt) apt-cache show --quiet=1 "$1" >/dev/null 2>&1 ;;
    *) timeout 120 dnf --quiet repoquery "$1" 2>/dev/null | grep -q . ;;
  esac
}

# packages_with PATTERN: those of dnf's repositories that have such a file.
packages_with() { timeout 120 dnf --quiet repoquery --file "$1" 2>/dev/null || true; }

apt_install() {
  # A run that lost power or its shell leaves packages half configured.
  package_command dpkg --configure -a
  package_command apt_get update
  package_command apt_get install --yes --no-install-recommends "$@"
}

apt_get() {
  DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 timeout "$package_timeout" apt-get -q \
    -o DPkg::Lock::Timeout="$package_lock_timeout" -o Dpkg::Options::=--force-confold \
    -o Acquire::Retries=2 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 \
    -o APT::Update::Error-Mode=any "$@"
}

dnf_install() {
  package_command timeout "$package_timeout" dnf --assumeyes --quiet \
    --setopt=install_weak_deps=False --setopt=timeout=20 --setopt=retries=2 install "$@"
}

# package_command COMMAND...: quiet unless it fails. Other steps and the system's own timers install and update, too;
# dpkg and 'apt-get update' do not wait for their locks by themselves.
package_command() {
  local log deadline=$((SECONDS + package_lock_timeout))
  log=$(mktemp)
  until LC_ALL=C "$@" >"$log" 2>&1 </dev/null; do
    if ! is_locked "$log" || ((SECONDS >= deadline)); then
      tail -n 20 "$log" >&2 || true
      rm -f "$log"
      fatal "packages cannot be installed (the output of '$*' is above): check the package repositories, the proxy and the network of this host, then ${again:-apply again}"
    fi
    sleep 1
  done
  rm -f "$log"
}

# is_locked LOG
is_locked() { grep -qE 'Could not get lock|lock was locked' "$1"; }
