# shellcheck shell=bash
# What a machine must be like before anything is done to it. Needs lib.sh.

# Clocks may differ by this many seconds: connecting takes some of them, certificates and logs bear the rest.
readonly clock_tolerance=30

# A copied system disk has the identity of another machine, which DHCP servers and journals take it for.
check_identity() {
  local name
  [[ $(</etc/machine-id) =~ ^[0-9a-f]{32}$ ]] ||
    fatal "/etc/machine-id holds no id: run 'systemd-machine-id-setup' on the host and reboot it"
  name=$(uname -n)
  [[ ${name%%.*} == "${HOST:?}" ]] ||
    warn "the machine calls itself '$name': 'hostnamectl set-hostname $HOST' on it avoids confusion"
}

# check_free_space MB
check_free_space() {
  local path free
  for path in / /var; do
    free=$(df --output=avail -m "$path" | tail -n 1)
    ((free >= $1)) ||
      fatal "only $((free)) MB are free in '$path', the host's roles need $1 MB: remove files ('du -xh $path | sort -h') or use a larger disk"
  done
}

# check_ports PORT:PROGRAM,PROGRAM...: nobody else has them.
check_ports() {
  local entry port programs holder
  for entry in "$@"; do
    port=${entry%%:*} programs=${entry#*:}
    while read -r holder; do
      [[ ,$programs, == *",$holder,"* ]] ||
        fatal "port $port is in use by '$holder', the host's roles need it for ${programs//,/ or }: stop '$holder' or move it to another port ('ss -ltnp sport = :$port')"
    done < <(ss -Hltnp "sport = :$port" | grep -oP 'users:\(\("\K[^"]+' | sort -u)
  done
}

# check_clock TIME: this machine agrees with the operator's about what time it is. One that has no answer of a time
# server yet is given a while.
check_clock() {
  local start=$SECONDS ahead
  clocks_agree "$1" "$start" && return
  if ! has_time_server && wait_until 30 clocks_agree "$1" "$start"; then return; fi
  ahead=$(seconds_ahead "$1" "$start")
  fatal "the clock is $ahead seconds ahead of that of the machine that applies (less than zero: behind): correct the wrong one, and give the host a reachable time server ('timedatectl timesync-status' or 'chronyc sources' tells about it)"
}

has_time_server() { [[ $(timedatectl show --property=NTPSynchronized --value) == yes ]]; }

clocks_agree() {
  local ahead
  ahead=$(seconds_ahead "$@")
  ((ahead >= -clock_tolerance && ahead <= clock_tolerance))
}

# seconds_ahead TIME STARTED: TIME was the other machine's when SECONDS was STARTED.
seconds_ahead() { echo $(($(date +%s) - $(date -d "$1" +%s) - (SECONDS - $2))); }
