# shellcheck shell=bash
# Kernel features that k3s needs: asked for by trying, never by the name of the system. Needs lib.sh, lib-packages.sh.

kernel_features() {
  local -a lacking
  place_file 0644 root:root "${here:?}/modules.conf" /etc/modules-load.d/k3s-cdk.conf
  mapfile -t lacking < <(lacking_features)
  ((${#lacking[@]} > 0)) || return 0
  install_extra_modules
  mapfile -t lacking < <(lacking_features)
  ((${#lacking[@]} > 0)) || return 0
  check_modules
  fatal "kernel $(uname -r) lacks ${lacking[*]}, which k3s needs: install the package with its extra modules, or a kernel that has them"
}

check_modules() {
  [[ -d /lib/modules/$(uname -r) ]] ||
    fatal "the modules of the running kernel $(uname -r) are gone, a newer one is installed: reboot the host"
}

lacking_features() {
  local feature
  for feature in overlay br_netfilter vxlan; do
    "has_$feature" || { modprobe --quiet "$feature" && "has_$feature"; } || echo "$feature"
  done
}

has_overlay() { grep -qw overlay /proc/filesystems; }
has_br_netfilter() { [[ -e /proc/sys/net/bridge/bridge-nf-call-iptables ]]; }
# In a network namespace that ends with the command.
has_vxlan() { unshare --net ip link add probe type vxlan id 1 dstport 4789 2>/dev/null; }

# Enterprise Linux 10, Oracle's kernel and Ubuntu on a Raspberry Pi keep these modules in packages of their own.
install_extra_modules() {
  local kernel package
  kernel=$(uname -r)
  for package in "kernel-modules-extra-$kernel" "kernel-uek-modules-extra-$kernel" \
    linux-modules-extra-raspi "linux-modules-extra-$kernel"; do
    if package_is_offered "$package"; then install_packages "$(package_manager)" "$package"; fi
  done
}
