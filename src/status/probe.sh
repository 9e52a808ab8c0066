# shellcheck shell=bash
# Tells what state a host is in, and changes nothing. Read by bash from standard input, after lib-node.sh and
# lib-database-user.sh and with the inputs as variables; the call of probe comes last.
#
# A line for each thing: what it is, then its values, separated by tabs. probe-answer.ts reads them.
#
# Inputs:
#   HOST, COMMAND           name of the node; server, agent or none
#   UNITS                   units of systemd that its roles need
#   FOLDERS                 folders whose file systems are of interest
#   VIRTUAL_IP              address that keepalived moves; empty without one
#   DATA_DIR, SERVICE_USER  folder and user of the database; empty on other hosts
#   DATABASE                its name
#   PATRONI                 yes if there are several database hosts
#   ETCD_DIR, ETCD_PORT     folder of etcd and the port of its clients; empty on other hosts
#   EXPORT_PATH             directory that NFS serves; empty on other hosts

: "${HOST?}" "${COMMAND?}" "${UNITS?}" "${FOLDERS?}" "${VIRTUAL_IP?}" "${DATA_DIR?}" "${DATABASE?}" "${EXPORT_PATH?}" "${PATRONI?}" "${ETCD_DIR?}" "${ETCD_PORT?}"
# Of lib-node.sh.
: "${admin_kubeconfig:?}"

tell() {
  local IFS=$'\t'
  printf '%s\n' "${*//[$'\n']/ }"
}

probe() {
  tell time "$(date +%s.%N)"
  # These wait for other programs; meanwhile the rest is done.
  exec 3< <(cluster 3>&-) 4< <(database 3>&- 4>&-)
  machine
  board
  units
  records
  load_balancer
  exports
  certificates
  etcd
  cat <&3
  cat <&4
  tell end
}

machine() {
  local name value _ total=0 available=0
  read -r value _ </proc/uptime
  tell uptime "$value"
  while read -r name value _; do
    if [[ $name == MemTotal: ]]; then total=$value; fi
    if [[ $name == MemAvailable: ]]; then available=$value; fi
  done </proc/meminfo
  tell memory "$((total * 1024))" "$((available * 1024))"
  tell system "$(. /etc/os-release && printf '%s' "$PRETTY_NAME")" "$(uname -r)"
  # shellcheck disable=SC2086 # a list
  timeout 5 df -B1 --output=target,size,avail,itotal,iavail / /var $FOLDERS 2>/dev/null | awk 'NR > 1 && !seen[$1]++ {
    print "disk\t" $1 "\t" $2 "\t" $3 "\t" $4 "\t" $5 }'
  # What Linux does with a disk or SD card that fails.
  awk '$2 == "/" || $2 ~ /^\/(var|srv)/ { if ($3 ~ /^(ext4|xfs|btrfs|f2fs)$/ && $4 ~ /^ro(,|$)/) print "read-only\t" $2 }' /proc/mounts
  tell clock "$(timeout 5 timedatectl show --property=NTPSynchronized --value 2>/dev/null)"
}

# What a Raspberry Pi says about its power and heat, and others about their heat.
board() {
  local model='' zone type file flags=''
  if [[ -r /proc/device-tree/model ]]; then model=$(tr -d '\0' </proc/device-tree/model); fi
  tell model "$model"
  for zone in /sys/class/thermal/thermal_zone*; do
    type=$(cat "$zone/type" 2>/dev/null)
    [[ $type =~ cpu|x86_pkg|soc ]] || continue
    tell temperature "$(cat "$zone/temp")"
    break
  done
  [[ $model == *Raspberry* ]] || return 0
  for file in /sys/devices/platform/soc*/*firmware/get_throttled /sys/devices/platform/*/soc*/*firmware/get_throttled; do
    if [[ -r $file ]]; then flags=$(<"$file"); fi
  done
  if [[ -z $flags ]] && command -v vcgencmd >/dev/null; then flags=$(timeout 5 vcgencmd get_throttled); fi
  if [[ -n $flags ]]; then tell throttled "${flags#throttled=}"; fi
}

units() {
  # shellcheck disable=SC2046,SC2086 # lists
  set -- $UNITS $(recorded_units)
  (($# > 0)) || return 0
  timeout 10 systemctl show --property=Id,LoadState,UnitFileState,ActiveState,SubState,NRestarts -- "$@" | awk -F= '
    function flush() {
      if ("Id" in value && !seen[value["Id"]]++)
        print "unit\t" value["Id"] "\t" value["LoadState"] "\t" value["UnitFileState"] "\t" value["ActiveState"] "\t" value["SubState"] "\t" value["NRestarts"] + 0
      delete value
    }
    /=/ { value[$1] = $2 }
    /^$/ { flush() }
    END { flush() }'
}

load_balancer() {
  [[ -n $VIRTUAL_IP ]] || return 0
  tell virtual-ip "$([[ -n $(ip -o address show to "$VIRTUAL_IP") ]] && echo yes || echo no)"
  haproxy_says 'show stat' | awk -F, '$1 == "servers" && $2 != "BACKEND" { print "backend\t" $2 "\t" $18 "\t" $37 }'
}

# haproxy_says COMMAND. Nothing that every system has can talk to a socket but these: dpkg needs Perl, dnf Python.
haproxy_says() {
  local socket=/run/haproxy/k3s-api.sock python
  [[ -S $socket ]] || return 0
  if command -v perl >/dev/null; then
    # shellcheck disable=SC2016 # Perl's variables
    timeout 5 perl -MIO::Socket::UNIX -e '
      my $socket = IO::Socket::UNIX->new($ARGV[0]) or exit 1; print $socket "$ARGV[1]\n"; print while <$socket>' "$socket" "$1"
    return
  fi
  python=$(command -v python3 || command -v /usr/libexec/platform-python) || return 0
  timeout 5 "$python" -c '
import socket, sys
connection = socket.socket(socket.AF_UNIX)
connection.connect(sys.argv[1])
connection.sendall(sys.argv[2].encode() + b"\n")
sys.stdout.writelines(connection.makefile())' "$socket" "$1"
}

exports() {
  [[ -n $EXPORT_PATH ]] || return 0
  tell export "$(awk -v path="$EXPORT_PATH" '$1 == path { count++ } END { print count + 0 }' /var/lib/nfs/etab 2>/dev/null)"
}

# The first certificate of each file: the others are of its issuers.
certificates() {
  local -a files
  shopt -s nullglob
  files=(/var/lib/rancher/k3s/{server/tls,agent}/*.crt /etc/rancher/k3s/datastore/*.crt ${DATA_DIR:+"$DATA_DIR"/config/*.crt})
  ((${#files[@]} > 0)) || return 0
  awk 'FNR == 1 { inside = 0 }
    /-----BEGIN CERTIFICATE-----/ { inside = !(FILENAME in body); if (inside) body[FILENAME] = ""; next }
    /-----END CERTIFICATE-----/ { inside = 0 }
    inside { sub(/\r$/, ""); body[FILENAME] = body[FILENAME] $0 }
    END { for (file in body) print "certificate\t" file "\t" body[file] }' "${files[@]}"
}

# What this server's own API says about the nodes.
cluster() {
  local said
  # What kubectl remembers of the API is not left in root's home.
  export KUBECACHEDIR=/run/k3s-cdk-kubectl
  if [[ -L /usr/local/bin/k3s ]]; then tell k3s "$(basename "$(readlink /usr/local/bin/k3s)")"; fi
  [[ $COMMAND != none && -x /usr/local/bin/k3s ]] || return 0
  tell kubelet "$(runs_kubelet && echo yes || echo no)"
  [[ $COMMAND == server ]] || return 0
  if said=$(timeout 10 /usr/local/bin/k3s kubectl --kubeconfig "$admin_kubeconfig" --request-timeout 8s get nodes -o jsonpath='
    {range .items[*]}node{"\t"}{.metadata.name}{"\t"}{.status.conditions[?(@.type=="Ready")].status}{"\t"}{.status.nodeInfo.kubeletVersion}{"\t"}{.spec.unschedulable}{"\t"}{.status.conditions[?(@.status=="True")].type}{"\n"}{end}' 2>&1); then
    tell api yes
    awk '/node\t/ { sub(/^ +/, ""); print }' <<<"$said"
  elif said=$(timeout 10 /usr/local/bin/k3s kubectl --kubeconfig "$admin_kubeconfig" --request-timeout 5s get --raw /readyz 2>&1); then
    tell api yes
  else
    tell api no "${said:0:300}"
  fi
}

# Whether it takes part in a majority: a read that one has to agree to.
etcd() {
  local state said
  [[ -n $ETCD_DIR ]] || return 0
  state=$(DATA_DIR=$ETCD_DIR SERVICE_USER=k3s-etcd as_database timeout 5 systemctl --user is-active k3s-etcd.service 2>&1 | tail -n 1)
  said=$(curl --silent --max-time 3 --noproxy '*' --cacert "$ETCD_DIR/config/ca.crt" --cert "$ETCD_DIR/config/member.crt" \
    --key "$ETCD_DIR/config/member.key" "https://127.0.0.1:$ETCD_PORT/health" 2>/dev/null)
  tell etcd "${state:-unknown}" "$(grep -q '"health":"true"' <<<"$said" && echo yes || echo no)"
}

database() {
  local state
  [[ -n $DATA_DIR ]] || return 0
  # Of make-backup.sh.
  tell backup "$(cat /var/lib/k3s-cdk/backup/last.json 2>/dev/null)"
  # The user that it runs as.
  id k3s-postgres >/dev/null 2>&1 || { tell postgres 'not installed'; return; }
  state=$(as_database timeout 5 systemctl --user is-active k3s-postgres.service 2>&1 | tail -n 1)
  tell postgres "${state:-unknown}"
  [[ $state == active ]] || return 0
  if [[ $PATRONI == yes ]]; then
    as_database timeout 10 podman exec k3s-postgres /usr/bin/python3 /etc/patroni/guard.py members 2>/dev/null </dev/null |
      sed 's/^/member /; s/ /\t/g'
  fi
  # Estimates of the statistics: counting would read the whole table.
  as_database timeout 10 podman exec k3s-postgres psql -XAtq -F $'\t' -h /tmp -U postgres -d "$DATABASE" -c "
    SELECT 'postgres-figures', current_setting('server_version'), current_setting('max_connections'),
      (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'), pg_database_size(current_database()),
      coalesce(pg_total_relation_size(to_regclass('kine')), 0),
      coalesce((SELECT n_live_tup FROM pg_stat_user_tables WHERE relname = 'kine'), 0),
      coalesce((SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'kine'), 0)" 2>&1 </dev/null |
    tail -n 1 | sed '/^postgres-figures\t/!s/^/postgres-error\t/'
}
