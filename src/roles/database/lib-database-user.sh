# shellcheck shell=bash
# The user that Postgres runs as, and commands in its name. Needs lib.sh, lib-packages.sh, DATA_DIR, SERVICE_USER and
# the packages of podman as APT_PACKAGES, DNF_PACKAGES.

# database_user: podman, and the user with its folders, ID ranges and a systemd manager that runs without a login.
database_user() {
  : "${DATA_DIR:?}" "${SERVICE_USER:?}"
  install_step_packages
  require_podman
  [[ -d $DATA_DIR ]] || install -d -m 0755 "$DATA_DIR"
  add_user
  service_folder "$DATA_DIR/home"
  label_container_storage
  user_manager
  under_manager podman unshare true || no_containers
}

no_containers() {
  check_user_namespaces
  fatal "podman cannot run containers for user '$SERVICE_USER' with its storage in '$DATA_DIR' (its reason is above): fix that, on a file system of type '$(df --output=fstype "$DATA_DIR" | tail -n 1)', then apply again"
}

check_user_namespaces() {
  [[ $(cat /proc/sys/user/max_user_namespaces) != 0 && $(cat /proc/sys/kernel/unprivileged_userns_clone 2>/dev/null) != 0 ]] ||
    fatal "user namespaces are off, which rootless podman needs: see 'sysctl user.max_user_namespaces kernel.unprivileged_userns_clone' and enable them"
}

require_podman() {
  local version
  version=$(podman --version | grep -oE '[0-9]+(\.[0-9]+)+')
  check_podman "$version"
}

# check_podman VERSION
check_podman() {
  local version=$1
  if [[ $(printf '%s\n' 4.4 "$version" | sort -V | head -n 1) != 4.4 ]]; then
    fatal "podman $version cannot run containers from systemd units (quadlets), 4.4 can: use Debian 13, Ubuntu 24.04, Enterprise Linux 8.8 or 9.2, or newer"
  fi
}

# One at a time: a step that runs in parallel may add another user, whose ranges must be different.
add_user() {
  (
    flock --wait 60 8 || fatal "another step has been adding a user for a minute: apply again"
    if ! getent passwd "$SERVICE_USER" >/dev/null; then
      info "adding user $SERVICE_USER"
      useradd --system --user-group --shell /usr/sbin/nologin --no-create-home --home-dir "$DATA_DIR/home" "$SERVICE_USER"
    fi
    sub_ids /etc/subuid --add-subuids
    sub_ids /etc/subgid --add-subgids
  ) 8>/run/lock/k3s-cdk-users
}

# sub_ids FILE OPTION: a range of 65536 ids after the last one in FILE, unless the user has one.
sub_ids() {
  local file=$1 option=$2 first
  touch "$file"
  awk -F: -v user="$SERVICE_USER" '$1 == user && $3 >= 65536 { found = 1 } END { exit !found }' "$file" && return
  first=$(awk -F: 'BEGIN { next_id = 524288 } $2 + $3 > next_id { next_id = $2 + $3 } END { print next_id }' "$file")
  usermod "$option" "$first-$((first + 65535))" "$SERVICE_USER"
}

# service_folder FOLDER: accessible only by the user. A disk from another machine may have that machine's UID of the
# user.
service_folder() {
  local owner
  install -d -m 0700 "$1"
  owner=$(stat -c %U:%G "$1")
  [[ $owner == "$SERVICE_USER:$SERVICE_USER" ]] || chown -R "$SERVICE_USER:$SERVICE_USER" "$1"
}

# Container storage outside /home: SELinux labels it like podman's usual folder.
label_container_storage() {
  local storage=$DATA_DIR/home/.local/share/containers
  has_selinux || return 0
  if ! semanage fcontext --list --locallist | grep -qF "$storage"; then
    semanage fcontext --add --equal /var/lib/containers "$storage"
  fi
  as_database mkdir -p "$storage"
  label "$storage"
}

# The manager must find the user's home folder, which is on the disk of the data; without that disk it must not start. etcd has its
# data on the disk of the database (DATABASE_DIR), if there is one.
user_manager() {
  local id here_unit
  id=$(id -u "$SERVICE_USER")
  here_unit=$(mktemp)
  printf '[Unit]\nRequiresMountsFor=%s\n' "$DATA_DIR${DATABASE_DIR:+ $DATABASE_DIR}" >"$here_unit"
  place_file 0644 root:root "$here_unit" "/etc/systemd/system/user@$id.service.d/k3s-cdk.conf"
  rm -f "$here_unit"
  loginctl enable-linger "$SERVICE_USER"
  wait_until 60 test -S "/run/user/$id/bus" ||
    fatal "the systemd manager of user '$SERVICE_USER' does not start: see 'systemctl status user@$id.service'"
}

# as_database COMMAND...: as the user and under its systemd manager.
as_database() {
  local id
  id=$(id -u "$SERVICE_USER")
  (cd / && runuser -u "$SERVICE_USER" -- env -i PATH=/usr/local/bin:/usr/bin:/usr/sbin:/bin:/sbin \
    HOME="$DATA_DIR/home" XDG_RUNTIME_DIR="/run/user/$id" DBUS_SESSION_BUS_ADDRESS="unix:path=/run/user/$id/bus" \
    "$@")
}

# under_manager COMMAND...: like as_database, in a separate unit of the user. Containers need a place in its control
# groups, which systemd gives to a process of another session only sometimes.
under_manager() {
  as_database systemd-run --user --quiet --pipe --wait --collect --property=WorkingDirectory=/ \
    ${https_proxy:+--setenv=https_proxy="$https_proxy"} ${http_proxy:+--setenv=http_proxy="$http_proxy"} \
    ${no_proxy:+--setenv=no_proxy="$no_proxy"} -- "$@"
}
