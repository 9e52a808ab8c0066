# shellcheck shell=bash
# shellcheck disable=SC2154 # of lib-node.sh
# What k3s on this host and its API report. Part of probe.sh.
#
# Inputs:
#   COMMAND    server or agent
#   DATASTORE  host:port of the database hosts, on servers; empty with an external database

# shellcheck source=lib-node.sh
. "${here:?}/lib-node.sh"

# What this server's own API says about the nodes. On a busy server it may be healthy but take too long to list them.
cluster() {
  local said listed
  # Keeps kubectl's cache out of root's home.
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

# Whether k3s could connect to the database now: existing connections survive a change of certificates.
datastore() {
  local folder=/etc/rancher/k3s/datastore address said refused=
  [[ -n $DATASTORE && -f $folder/client.crt ]] || return 0
  for address in $DATASTORE; do
    # TLS 1.2 says during the handshake whether it takes the client's certificate.
    if said=$(timeout 5 openssl s_client -starttls postgres -connect "$address" -tls1_2 -verify_return_error \
      -CAfile "$folder/ca.crt" -cert "$folder/client.crt" -key "$folder/client.key" </dev/null 2>&1); then
      tell datastore yes
      return
    fi
    # A server that is off, or speaks only newer versions, does not mean that the certificates are wrong.
    said=$(grep -ioE -m1 'verify error:[^[:cntrl:]]*|alert (unknown ca|bad certificate|certificate [a-z]+)' <<<"$said") && refused=$said
  done
  [[ -z $refused ]] || tell datastore no "$refused"
}
