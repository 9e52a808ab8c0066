#!/usr/bin/env bash
# NVIDIA's container runtime from NVIDIA's repository, which k3s finds when it starts. The driver is the owner's: this
# needs 'nvidia-smi' to work. Pods then say 'runtimeClassName: nvidia'. Debian and Ubuntu, and EL.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=lib-packages.sh
. "$here/lib-packages.sh"

readonly repository=https://nvidia.github.io/libnvidia-container
readonly key=/etc/apt/keyrings/own-nvidia.asc

main() {
  timeout 60 nvidia-smi --list-gpus >/dev/null ||
    fatal "'nvidia-smi' finds no GPU: install NVIDIA's driver on this host, and reboot it"
  if [[ $(package_manager) == apt ]]; then
    fetch gpgkey "$key"
    # shellcheck disable=SC2016 # for apt
    printf 'deb [signed-by=%s] %s/stable/deb/$(ARCH) /\n' "$key" "$repository" >"$here/list"
    place_file 0644 root:root "$here/list" /etc/apt/sources.list.d/own-nvidia.list
  else
    fetch stable/rpm/nvidia-container-toolkit.repo /etc/yum.repos.d/own-nvidia.repo
  fi
  install_packages apt nvidia-container-toolkit
  install_packages dnf nvidia-container-toolkit
  restart_k3s
}

# fetch FILE TARGET: once.
fetch() {
  if [[ ! -s $2 ]]; then
    curl --fail --silent --show-error --location --retry 3 --max-time 60 --output "$here/fetched" "$repository/$1" ||
      fatal "'$repository/$1' cannot be downloaded (the reason is above)"
    place_file 0644 root:root "$here/fetched" "$2"
  else
    record_file "$2"
  fi
}

# One that runs already has not seen the runtime. Its pods go on meanwhile.
restart_k3s() {
  local config=/var/lib/rancher/k3s/agent/etc/containerd/config.toml
  systemctl is-active --quiet k3s.service || return 0
  grep -qs nvidia "$config" || timeout 300 systemctl restart k3s.service ||
    fatal "k3s does not start again: see 'journalctl -u k3s'"
}

main "$@"
