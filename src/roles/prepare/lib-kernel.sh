# shellcheck shell=bash
# Kernel features that k3s needs: detected by trying them, never by the name of the system. Needs lib.sh,
# lib-packages.sh.

kernel_features() {
  local -a lacking
  place_file 0644 root:root "${here:?}/modules.conf" /etc/modules-load.d/k3s-cdk.conf
  mapfile -t lacking < <(lacking_features)
  ((${#lacking[@]} > 0)) || return 0
  install_modules "${lacking[@]}"
  mapfile -t lacking < <(lacking_features)
  ((${#lacking[@]} == 0)) || no_features "${lacking[@]}"
}

# no_features FEATURE...
no_features() {
  check_repository_kernel "$@"
  check_modules
  fatal "kernel $(uname -r) lacks $*, which k3s needs: install the package with its extra modules, or a kernel that has them"
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

# install_modules FEATURE...: from packages of their own, where the kernel has some.
install_modules() {
  local -a packages
  mapfile -t packages < <(module_packages "$@")
  ((${#packages[@]} == 0)) || install_packages "$(package_manager)" "${packages[@]}"
}

# module_packages FEATURE...: that have the modules for the running kernel. Enterprise Linux 10 and Oracle's kernels split
# them differently, so the repositories are asked for the file; apt knows no files, and Ubuntu has two names.
module_packages() {
  local kernel feature package
  kernel=$(uname -r)
  if [[ $(package_manager) == dnf ]]; then
    for feature in "$@"; do packages_with "*/modules/$kernel/*/$feature.ko*" | head -n 1; done | sort -u
  else
    for package in linux-modules-extra-raspi "linux-modules-extra-$kernel"; do
      ! package_is_offered "$package" || echo "$package"
    done
  fi
}

# check_repository_kernel FEATURE...: an image is often older than the kernel that the repositories have by now.
check_repository_kernel() {
  local feature
  [[ $(package_manager) == dnf ]] || return 0
  for feature in "$@"; do
    [[ -z $(packages_with "*/modules/*/$feature.ko*") ]] ||
      fatal "kernel $(uname -r) lacks $feature, which k3s needs, and the repositories have it for other kernels only: update the kernel ('dnf upgrade') and reboot the host"
  done
}
