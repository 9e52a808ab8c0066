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

# check_clock TIME: this machine agrees with the operator's about what time it is; a clock just corrected may need a while.
check_clock() {
  local start=$SECONDS
  clocks_agree "$1" "$start" || wait_until 60 clocks_agree "$1" "$start" ||
    fatal "the clock says $(date -u '+%F %T') UTC but the machine that applies says $(date -u -d "$1" '+%F %T') UTC: one of them is wrong; correct it, and give the host a reachable time server ('timedatectl timesync-status' or 'chronyc sources')"
}

# clocks_agree TIME STARTED: TIME was then, when SECONDS was STARTED.
clocks_agree() {
  local difference
  difference=$(($(date +%s) - $(date -d "$1" +%s) - (SECONDS - $2)))
  ((difference >= -clock_tolerance && difference <= clock_tolerance))
}
