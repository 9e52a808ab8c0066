#!/usr/bin/env bash
# What the recorded session types. $1: the release of k3s that the lab has. $2: the machine's architecture.
set -u

type_and_run() {
  local i
  printf '\e[1m$ '
  for ((i = 0; i < ${#1}; i++)); do
    printf '%s' "${1:i:1}"
    sleep 0.02
  done
  printf '\e[0m\n'
  sleep 0.3
  eval "$1" || exit
  printf '\n'
  sleep 1
}

type_and_run 'k3s-cdk init homelab --database 10.79.0.10 --server 10.79.0.11 --server 10.79.0.12 \
    --vip 10.79.0.5 --pool 10.79.0.200-10.79.0.220 --user pi --yes'
printf '# These hosts have no internet: k3s and Postgres come from a folder.\n'
type_and_run "sed -i 's|^  version: .*|  version: $1\\n  artifacts: ./artifacts|' cluster.yaml"
if [[ $2 != arm64 ]]; then
  printf '# Nor are they Raspberry Pis.\n'
  type_and_run "sed -i -e 's|roles: \[server\]|&, arch: $2|' -e 's|^    roles: .*|&\\n    arch: $2|' cluster.yaml"
fi
type_and_run 'k3s-cdk synth'
printf '# Hosts that are containers run no pods, so nothing is waited for.\n'
type_and_run 'k3s-cdk deploy --no-wait'
type_and_run 'kubectl get --raw /readyz && echo'
type_and_run 'kubectl get ipaddresspools --all-namespaces'
type_and_run 'k3s-cdk deploy --no-wait'
