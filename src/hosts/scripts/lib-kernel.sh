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

# The Raspberry Pi's firmware turns the memory cgroup off, which the kernel's command line can undo.
memory_cgroup() {
  local file
  if has_memory_cgroup; then return; fi
  if grep -qw cgroup_enable=memory /proc/cmdline; then
    fatal "the memory cgroup is off although the kernel was started with 'cgroup_enable=memory': use the kernel of Raspberry Pi OS or Ubuntu"
  fi
  file=$(kernel_command_line)
  if [[ -n $file ]]; then
    enable_memory_cgroup "$file"
    reboot_soon
    return
  fi
  warn "the memory cgroup is off, pods will not start: boot the host with 'cgroup_enable=memory' on the kernel's command line"
}

# /proc/cgroups lists it no more since Linux 6.12.
has_memory_cgroup() { grep -qw memory /sys/fs/cgroup/cgroup.controllers 2>/dev/null; }

# File that the firmware takes the kernel's command line from; nothing where there is none.
kernel_command_line() {
  local file
  for file in /boot/firmware/current/cmdline.txt /boot/firmware/cmdline.txt /boot/cmdline.txt; do
    # The oldest place holds a note about the newer one today.
    if [[ -f $file ]] && grep -q 'root=' "$file"; then
      echo "$file"
      return
    fi
  done
}

# enable_memory_cgroup FILE: one line, or the Pi does not boot.
enable_memory_cgroup() {
  local next
  grep -qw cgroup_enable=memory "$1" && return
  next=$(mktemp "$1.XXXXXX")
  awk 'NR == 1 { gsub(/ ?cgroup_disable=memory/, ""); sub(/[ \t\r]*$/, ""); print $0 " cgroup_enable=memory" }' "$1" >"$next"
  cp "$1" "$1.before-k3s-cdk"
  sync -f "$next"
  mv -f "$next" "$1"
  sync -f "$1"
  info "added cgroup_enable=memory to $1"
}

# After the step has ended well. Until the machine is down SSH is refused: the next step's connection, which is tried
# again until it works, is one to the new boot.
reboot_soon() {
  info "rebooting for the memory cgroup"
  systemctl stop ssh.socket sshd.socket ssh.service sshd.service 2>/dev/null || true
  systemd-run --quiet --collect --on-active=3 systemctl reboot
}
