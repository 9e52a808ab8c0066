# shellcheck shell=bash
# shellcheck disable=SC2154 # what k3s.sh and step.env have set
# The files that k3s runs with: part of k3s.sh, which sources it after lib-file-set.sh.

# The interface that has NODE_IP: flannel would use that of the default route.
node_interface() {
  local interface
  interface=$(ip -o address show to "$NODE_IP" | awk '{ print $2; exit }')
  [[ -n $interface ]] ||
    fatal "no interface of this host has the address $NODE_IP: set 'nodeIps' of '$HOST' in cluster.yaml to its own address"
  printf '%s\n' "$interface"
}

# wanted_files SECRETS: everything that k3s must be restarted for, as a set of files below next/.
wanted_files() {
  local secrets=$1 next=$state/next file interface
  interface=$(node_interface)
  rm -rf "$next"
  add_file 0600 "$here/config.yaml" "$next$etc/config.yaml"
  printf 'flannel-iface: "%s"\n' "$interface" >"$here/interface.yaml"
  add_file 0600 "$here/interface.yaml" "$next$etc/config.yaml.d/50-k3s-cdk-interface.yaml"
  add_file 0600 "$secrets/token" "$next$etc/token"
  if [[ $COMMAND == server ]]; then
    add_file 0600 "$secrets/agent-token" "$next$etc/agent-token"
    for file in ${DATASTORE_FILES:-ca.crt client.crt client.key}; do
      if [[ $file == config.yaml ]]; then
        add_file 0600 "$secrets/datastore-$file" "$next$etc/config.yaml.d/55-k3s-cdk-datastore.yaml"
      else
        add_file 0600 "$secrets/datastore-$file" "$next$etc/datastore/$file"
      fi
    done
    add_file 0600 "$here/authentication.yaml" "$next$etc/authentication.yaml"
    for file in admission.yaml audit-policy.yaml; do
      [[ ! -f $here/$file ]] || add_file 0600 "$here/$file" "$next$etc/$file"
    done
  fi
  if [[ -f $secrets/registries.yaml ]]; then
    add_file 0600 "$secrets/registries.yaml" "$next$etc/registries.yaml"
  elif [[ -f $here/registries.yaml ]]; then
    add_file 0600 "$here/registries.yaml" "$next$etc/registries.yaml"
  fi
  for file in ${SECRETS:-}; do add_file 0600 "$secrets/files/$file" "$next$etc/secrets/$file"; done
  [[ ! -f $here/k3s.env ]] || add_file 0600 "$here/k3s.env" "$next$etc/k3s.env"
  add_file 0600 "$here/kubelet.conf" "$next$kubelet_folder/05-k3s-cdk.conf"
  add_file 0644 "$here/k3s.service" "$next/etc/systemd/system/$unit.service"
  add_link "k3s-$VERSION" "$next/usr/local/bin/k3s"
}
