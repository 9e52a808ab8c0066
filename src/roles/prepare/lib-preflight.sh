# shellcheck shell=bash
# Checks a machine before anything is done to it. Needs lib.sh. Reports all problems at once.

# Clocks may differ by this many seconds: connecting takes some of them, certificates and logs tolerate the rest.
readonly clock_tolerance=30

problems=0

# problem CAUSE-AND-REMEDY: like fatal, but the checks continue.
problem() {
  (fatal "$@") || problems=$((problems + 1))
}

# no_problems: fails if there were any.
no_problems() { ((problems == 0)) || exit 1; }

# check_architecture [ARCHITECTURE]: requires a supported one, and that of the uploaded files.
check_architecture() {
  local found
  found=$(architecture)
  [[ ${1:-$found} == "$found" ]] ||
    problem "this machine is $found, cluster.yaml takes it for $1: set 'arch: $found' of the host there"
}

# A copied system disk has the identity of another machine, which confuses DHCP servers and journals.
check_identity() {
  local name
  [[ $(</etc/machine-id) =~ ^[0-9a-f]{32}$ ]] ||
    problem "/etc/machine-id holds no id: run 'systemd-machine-id-setup' on the host and reboot it"
  name=$(uname -n)
  [[ ${name%%.*} == "${HOST:?}" ]] ||
    warn "the machine calls itself '$name': 'hostnamectl set-hostname $HOST' on it avoids confusion"
}

# check_free_space MB
check_free_space() {
  local path device free
  local -A seen=()
  for path in / /var; do
    device=$(stat -c %d "$path")
    [[ -z ${seen[$device]:-} ]] || continue
    seen[$device]=1
    free=$(df --output=avail -m "$path" | tail -n 1)
    ((free >= $1)) ||
      problem "only $((free)) MB are free in '$path', the host's roles need $1 MB: remove files ('du -xh $path | sort -h') or use a larger disk"
  done
}

# Version 1, of Enterprise Linux 8 and systems that were upgraded from older ones, lacks what rootless containers and
# the kubelets of today need.
check_control_groups() {
  [[ -e /sys/fs/cgroup/cgroup.controllers ]] ||
    problem "control groups are of version 1 here, the host's roles need version 2: add 'systemd.unified_cgroup_hierarchy=1' to the kernel's command line (Enterprise Linux: 'grubby --update-kernel=ALL --args=systemd.unified_cgroup_hierarchy=1') and reboot the host"
}

# check_ports PORT:PROGRAM,PROGRAM...: requires that no other program has them.
check_ports() {
  local entry port programs holder
  for entry in "$@"; do
    port=${entry%%:*} programs=${entry#*:}
    while read -r holder; do
      [[ ,$programs, == *",$holder,"* ]] ||
        problem "port $port is in use by '$holder', the host's roles need it for '${programs%%,*}': stop '$holder' or move it to another port ('ss -ltnp sport = :$port')"
    done < <(ss -Hltnp "sport = :$port" | grep -oP 'users:\(\("\K[^"]+' | sort -u)
  done
}

# check_clock TIME UPTIME: requires that this machine's clock agrees with the operator's, whose TIME arrived when this
# machine had been up for UPTIME seconds. Waits a while for a machine that has no answer from a time server yet.
check_clock() {
  local ahead
  clocks_agree "$1" "$2" && return
  if ! has_time_server && wait_until 30 clocks_agree "$1" "$2"; then return; fi
  ahead=$(seconds_ahead "$1" "$2")
  problem "the clock is ${ahead#-} seconds $( ((ahead > 0)) && echo ahead of || echo behind) that of the machine that applies: correct the wrong one, and give the host a reachable time server ('timedatectl timesync-status' or 'chronyc sources' tells about it)"
}

has_time_server() { [[ $(timedatectl show --property=NTPSynchronized --value) == yes ]]; }

clocks_agree() {
  local ahead
  ahead=$(seconds_ahead "$1" "$2")
  ((ahead >= -clock_tolerance && ahead <= clock_tolerance))
}

# seconds_ahead TIME UPTIME. Elapsed time is taken from the uptime, because a clock that is being set jumps.
seconds_ahead() {
  local uptime
  uptime=$(cut -d. -f1 /proc/uptime)
  echo $(($(date +%s) - $(date -d "$1" +%s) - (uptime - $2)))
}
