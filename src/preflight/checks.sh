# shellcheck shell=bash
# Reports what would keep the steps from working on a host, and changes nothing. Read by bash from standard input, with
# the inputs as variables and the call of checks at the end.
#
# Prints a line for each finding: its kind, then its values, separated by tabs. preflight-answer.ts reads them.
#
# Inputs:
#   HOST         name of the host
#   NODE         yes if it runs k3s
#   DATABASE     yes if it runs Postgres
#   CONTAINERS   yes if it runs k3s, Postgres or etcd
#   RESOLV_CONF  yes if cluster.yaml names the file that pods have their name servers from
#   ARCH         architecture of the files for it; empty for any
#   PORTS        ports that roles need, each with the programs that may have it: 6443:haproxy 5432:postgres
#   MIN_FREE_MB  free space that roles need
#   TAKES_OVER   of k3s, load-balancer and nfs, those that it is to run
#   DISKS        a line for each disk: device, mount point, file system, format
#   SERVER       yes if it runs the control plane
#   TOKENS       hashes of the server tokens that the operator has, separated by commas
#   AUTHORITY    sha256 of the public key of the database's CA; empty without one
#   DATA_DIR     folder of the database; empty for none
#   EXPORT_PATH  folder of the volumes; empty for none
#   ADOPT        true if that may have files of its owner
#   DATASTORE    host:port of each server of an external database, on servers; empty for none. See lib-external-database.sh
#   DATASTORE_PEM  the CA that issued its certificates; empty for those of the system
#   VIRTUAL_IP   address that keepalived will move, on servers; empty without one

: "${NODE?}" "${DATABASE?}" "${ARCH?}" "${PORTS?}" "${MIN_FREE_MB?}" "${TAKES_OVER?}" "${DISKS?}" "${VIRTUAL_IP?}"
: "${CONTAINERS?}" "${RESOLV_CONF?}" "${SERVER?}" "${TOKENS?}" "${AUTHORITY?}" "${DATA_DIR?}" "${EXPORT_PATH?}" "${ADOPT?}"
: "${DATASTORE?}" "${DATASTORE_PEM?}"

# shellcheck source=lib.sh
. "${here:?}/lib.sh"
# shellcheck source=lib-packages.sh
. "${here:?}/lib-packages.sh"
# shellcheck source=lib-preflight.sh
. "${here:?}/lib-preflight.sh"
# shellcheck source=lib-others.sh
. "${here:?}/lib-others.sh"
# shellcheck source=lib-kernel.sh
. "${here:?}/lib-kernel.sh"
# shellcheck source=lib-memory-cgroup.sh
. "${here:?}/lib-memory-cgroup.sh"
# shellcheck source=lib-disks.sh
. "${here:?}/lib-disks.sh"
# shellcheck source=lib-folders.sh
. "${here:?}/lib-folders.sh"
# shellcheck source=lib-database-user.sh
. "${here:?}/lib-database-user.sh"
# shellcheck source=lib-token.sh
. "${here:?}/lib-token.sh"
# shellcheck source=lib-postgres.sh
. "${here:?}/lib-postgres.sh"
# shellcheck source=lib-external-database.sh
. "${here:?}/lib-external-database.sh"

# What lib.sh does when a step fails.
trap - ERR

tell() {
  local IFS=$'\t'
  printf '%s\n' "${*//[$'\n']/ }"
}

# The steps' checks report what they find through these.
problem() { tell problem error "$*" >&5; }
warn() { tell problem warning "$*" >&5; }
fatal() {
  problem "$@"
  exit 1
}

# check COMMAND...: a check that cannot continue ends alone.
check() { ("$@"); }

checks() {
  # Some of them return a value on standard output.
  exec 5>&1
  tell time "$(date +%s.%N)"
  exec 3< <(virtual_ip 3>&-)
  tell machine-id "$(cat /etc/machine-id)"
  tell name "$(uname -n)"
  [[ -z $(ls -A /var/lib/k3s-cdk/records) ]] || tell set-up
  tell system "$(. /etc/os-release && printf '%s\t%s\t%s\t%s' "$PRETTY_NAME" "$ID" "${ID_LIKE:-}" "${VERSION_ID:-}")"
  check check_architecture "$ARCH"
  check check_identity
  check check_free_space "$MIN_FREE_MB"
  # shellcheck disable=SC2086 # a list
  check check_ports $PORTS
  if [[ $CONTAINERS == yes ]]; then check check_control_groups; fi
  # shellcheck disable=SC2086 # a list
  check check_others $TAKES_OVER
  check package_manager >/dev/null
  check system_manager
  check copies
  if [[ $NODE == yes ]]; then
    check features
    check cgroup
    if [[ $RESOLV_CONF == no ]]; then check name_servers; fi
  fi
  if [[ $DATABASE == yes ]]; then check containers; fi
  if [[ $SERVER == yes ]]; then
    check token
    check authority
    if [[ -n $DATASTORE ]]; then check datastore; fi
  fi
  while read -r device mount filesystem format; do
    [[ -z $device ]] || check disk "$device" "$mount" "$filesystem" "$format"
  done <<<"$DISKS"
  if [[ -n $DATA_DIR ]]; then check folder "$DATA_DIR" database; fi
  if [[ -n $EXPORT_PATH ]]; then check folder "$EXPORT_PATH" volumes "$ADOPT"; fi
  cat <&3
  tell end
}

# Terraform sends files with it.
copies() { command -v scp >/dev/null || fatal "'scp' is missing, which files are sent with: install the OpenSSH client on this host"; }

system_manager() {
  [[ -d /run/systemd/system ]] || fatal "systemd does not run on this host: use a system that it starts"
}

# The first step installs missing modules, if there is a package; those of a kernel that was updated without a reboot
# cannot be loaded at all.
features() {
  local feature
  local -a lacking=()
  for feature in overlay br_netfilter vxlan; do
    modprobe --dry-run --quiet "$feature" || "has_$feature" || lacking+=("$feature")
  done
  if ((${#lacking[@]} == 0)) || [[ -n $(module_packages "${lacking[@]}") ]]; then return; fi
  no_features "${lacking[@]}"
}

# As k3s judges a file with name servers: it gives pods the first one with only name servers that they can reach, too.
name_servers() {
  local file server found unusable=''
  for file in /etc/resolv.conf /run/systemd/resolve/resolv.conf; do
    found=''
    while read -r _ server _; do
      found=yes
      if [[ $server =~ ^(127\.|0\.0\.0\.0|169\.254\.|::1$|[Ff][Ee][89ABab]|[Ff][Ff]) ]]; then
        found='' unusable=${unusable:-$server}
        break
      fi
    done < <(grep -s '^nameserver' "$file")
    [[ -z $found ]] || return 0
  done
  warn "no name server of this host can be reached from pods (${unusable:-none is named} in /etc/resolv.conf): k3s gives them 8.8.8.8; give the host one of its network, or set 'resolv-conf' in 'k3s.config'"
}

cgroup() {
  if has_memory_cgroup; then return; fi
  ought_not_be_off
  if [[ -n $(kernel_command_line) ]]; then
    warn "the memory cgroup is off: the first apply turns it on, and reboots this host once"
  else
    warn "the memory cgroup is off, pods will not start: boot the host with 'cgroup_enable=memory' on the kernel's command line"
  fi
}

# A different one would not decrypt what the cluster has in the database, and the apply would fail after changing it.
token() {
  local file=/etc/rancher/k3s/token
  [[ ! -s $file ]] || is_known_token "$(token_hash "$file")" ||
    fatal "this server runs with another token than 'secrets/k3s-token': ${token_remedy:?}"
}

# A new one is expected: between the database's step and its own, a server cannot connect to it.
authority() {
  local file=/etc/rancher/k3s/datastore/ca.crt key
  [[ -n $AUTHORITY && -s $file ]] || return 0
  key=$(openssl x509 -in "$file" -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum)
  [[ ${key%% *} == "$AUTHORITY" ]] ||
    warn "this server runs with another CA of the database than 'secrets/database-ca.crt': an apply replaces it everywhere, and k3s is cut off from the database until it is through; if that is not what you want, restore 'secrets/' from your copy first"
}

# As far as it can be seen from outside; once its step has run, with what k3s connects with, too.
datastore() {
  local address host said answered=''
  for address in $DATASTORE; do
    host=$(tr -d '[]' <<<"${address%:*}")
    # shellcheck disable=SC2016 # its own arguments
    if timeout 5 bash -c 'exec 3<>"/dev/tcp/$1/$2"' - "$host" "${address##*:}"; then
      answered=yes
      [[ $DATASTORE_CA == none ]] || check certificate_of "$address" "$host"
    else
      warn "the database at $address does not answer this server: check that it runs and who may reach it"
    fi
  done
  [[ -n $answered ]] || fatal "no address of 'database.external' answers this server, and k3s cannot start without it"
  [[ -d /usr/local/libexec/k3s-cdk/external-database ]] || return 0
  said=$(ask_facts 2>&1 >/dev/null) || fatal "the database does not let this server in: $(reason - <<<"$said")"
}

# certificate_of ADDRESS HOST
certificate_of() {
  local said name=-verify_hostname file
  [[ ! $2 =~ ^[0-9.]+$|: ]] || name=-verify_ip
  file=$(mktemp)
  if [[ -n $DATASTORE_PEM ]]; then echo "$DATASTORE_PEM" >"$file"; else DATASTORE_CA=system && cat "$(authorities)" >"$file"; fi
  said=$(show_certificate "$1" -verify_return_error "$name" "$2" -CAfile "$file")
  rm -f "$file"
  [[ $said == *'Verification: OK'* || $said == *'Verify return code: 0 (ok)'* ]] ||
    fatal "the database at $1 does not show a certificate that is valid for this address ($(grep -ioE -m1 'verify error:[^[:cntrl:]]*' <<<"$said" || echo "is TLS on there?")): set 'database.external.ca' to the CA that issued it, and 'addresses' to a name in it"
}

# Rootless containers: the version of podman that is installed, or that apt would install, and user namespaces.
containers() {
  local version=''
  if command -v podman >/dev/null; then
    version=$(podman --version)
  elif command -v apt-cache >/dev/null; then
    version=$(apt-cache policy podman | sed -n 's/^ *Candidate: //p')
    [[ -n $version && $version != '(none)' ]] || version=''
  fi
  version=$(grep -oE '[0-9]+(\.[0-9]+)+' <<<"$version" | head -n 1)
  if [[ -n $version ]]; then check check_podman "$version"; fi
  check check_user_namespaces
}

# disk DEVICE MOUNT FILESYSTEM FORMAT
disk() {
  local there
  if ! is_disk "$1"; then
    there=$(find /dev/disk/by-id -type l -not -name '*-part[0-9]*' 2>/dev/null | sort | tr '\n' ' ')
    fatal "disk '$1' was not found: connect it, or correct 'disks' of the host in cluster.yaml; there are: ${there:-none with a stable name}"
  fi
  check_mount_point "$1" "$2"
  if [[ $4 != never ]] && is_blank "$1"; then
    tell blank-disk "$1" "$2" "$3" "$(of_disk MODEL "$1")" "$(of_disk SERIAL "$1")" "$(of_disk SIZE "$1" --nodeps)"
  else
    check_filesystem "$1" "$(filesystem_type "$1")" "$4"
  fi
}

# folder FOLDER KIND [ADOPT]: nobody knows what is on a disk that is not mounted yet.
folder() {
  local mount
  while read -r _ mount _; do
    if [[ -n $mount && $1/ == "$mount"/* ]] && ! findmnt --mountpoint "$mount" >/dev/null; then return; fi
  done <<<"$DISKS"
  check_folder "$@"
}

# of_disk COLUMN DEVICE [OPTION]: what lsblk knows about it, or, for a partition, about its disk.
of_disk() { lsblk --inverse --noheadings --output "$1" "${@:3}" "$2" | sed 's/^ *//; s/ *$//' | grep . | tail -n 1; }

# Whether the virtual IP is here, or another machine on the network answers for it.
virtual_ip() {
  local neighbour
  [[ -n $VIRTUAL_IP ]] || return 0
  if [[ -n $(ip -o address show to "$VIRTUAL_IP") ]]; then
    tell virtual-ip here
    return
  fi
  # Any packet makes the kernel ask who has it.
  (echo >"/dev/udp/$VIRTUAL_IP/9") 2>/dev/null
  sleep 1
  neighbour=$(ip neighbour show "$VIRTUAL_IP" | grep -v -e FAILED -e INCOMPLETE | sed -n 's/.* lladdr \([^ ]*\).*/\1/p' | head -n 1)
  if [[ -n $neighbour ]]; then tell virtual-ip taken "$neighbour"; else tell virtual-ip free; fi
}
