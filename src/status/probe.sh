# shellcheck shell=bash
# Tells what state a host is in, and changes nothing. Read by bash from standard input, after lib-node.sh,
# lib-database-user.sh and the probe-*.sh beside it, and with the inputs as variables; the call of probe comes last.
#
# A line for each thing: what it is, then its values, separated by tabs. probe-answer.ts reads them.
#
# Inputs:
#   HOST, COMMAND           name of the node; server, agent or none
#   PATIENCE                seconds that Postgres and the API have for an answer
#   UNITS                   units of systemd that its roles need
#   FOLDERS                 folders whose file systems are of interest
#   VIRTUAL_IP              address that keepalived moves; empty without one
#   DATA_DIR, SERVICE_USER  folder and user of the database; empty on other hosts
#   DATABASE                its name
#   DATASTORE               host:port of the database hosts, on servers; empty on other hosts
#   PATRONI                 yes if there are several database hosts
#   ETCD_DIR, ETCD_PORT     folder of etcd and the port of its clients; empty on other hosts
#   EXPORT_PATH             directory that NFS serves; empty on other hosts

: "${HOST?}" "${COMMAND?}" "${PATIENCE?}" "${UNITS?}" "${FOLDERS?}" "${VIRTUAL_IP?}" "${DATA_DIR?}" "${DATABASE?}" "${DATASTORE?}" "${EXPORT_PATH?}" "${PATRONI?}" "${ETCD_DIR?}" "${ETCD_PORT?}"
# Of lib-node.sh.
: "${admin_kubeconfig:?}"

tell() {
  local IFS=$'\t'
  printf '%s\n' "${*//[$'\n']/ }"
}

probe() {
  tell time "$(date +%s.%N)"
  # These wait for other programs; meanwhile the rest is done.
  exec 3< <(cluster 3>&-) 4< <(database 3>&- 4>&-) 5< <(datastore 3>&- 4>&- 5>&-)
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
  cat <&5
  tell end
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

# What this server's own API says about the nodes. On a busy server it may be well and take too long to list them.
cluster() {
  local said listed
  # What kubectl remembers of the API is not left in root's home.
  export KUBECACHEDIR=/run/k3s-cdk-kubectl
  if [[ -L /usr/local/bin/k3s ]]; then tell k3s "$(basename "$(readlink /usr/local/bin/k3s)")"; fi
  [[ $COMMAND != none && -x /usr/local/bin/k3s ]] || return 0
  tell kubelet "$(runs_kubelet && echo yes || echo no)"
  [[ $COMMAND == server ]] || return 0
  if listed=$(ask_api "$((PATIENCE - 2))" get nodes -o jsonpath='
    {range .items[*]}node{"\t"}{.metadata.name}{"\t"}{.status.conditions[?(@.type=="Ready")].status}{"\t"}{.status.nodeInfo.kubeletVersion}{"\t"}{.spec.unschedulable}{"\t"}{.status.conditions[?(@.status=="True")].type}{"\n"}{end}' 2>&1); then
    tell api yes
    awk '/node\t/ { sub(/^ +/, ""); print }' <<<"$listed"
  elif said=$(ask_api "$((PATIENCE / 2))" get --raw /readyz 2>&1); then
    tell api yes
    tell nodes-failure "${listed:0:300}"
  else
    tell api no "${said:0:300}"
  fi
}

# ask_api SECONDS ARGUMENTS...: kubectl, which also gets the time to start.
ask_api() {
  local seconds=$1
  shift
  timeout "$((seconds + 2))" /usr/local/bin/k3s kubectl --kubeconfig "$admin_kubeconfig" --request-timeout "${seconds}s" "$@"
}
