# shellcheck shell=bash
# The memory cgroup, which the Raspberry Pi's firmware turns off and the kernel's command line can turn on: it is on
# after a reboot, and the next step checks that. Needs lib.sh.

# Holds the ID of the boot in which the host was told to reboot.
readonly rebooting_from=/var/lib/k3s-cdk/rebooting-for-memory-cgroup

memory_cgroup() {
  local file
  if has_memory_cgroup; then return; fi
  ought_not_be_off
  file=$(kernel_command_line)
  if [[ -n $file ]]; then
    enable_memory_cgroup "$file"
    reboot_soon
    return
  fi
  warn "the memory cgroup is off, pods will not start: boot the host with 'cgroup_enable=memory' on the kernel's command line"
}

# check_after_reboot: if there was a reboot for the memory cgroup, requires that it is on now.
check_after_reboot() {
  [[ -e $rebooting_from ]] || return 0
  if ! has_memory_cgroup; then
    ought_not_be_off
    fatal "the host did not reboot for the memory cgroup: see 'journalctl -b' for the reason, reboot it, then apply again"
  fi
  rm -f "$rebooting_from"
}

# /proc/cgroups lists it no more since Linux 6.12.
has_memory_cgroup() { grep -qw memory /sys/fs/cgroup/cgroup.controllers 2>/dev/null; }

boot_id() { cat /proc/sys/kernel/random/boot_id; }

# ought_not_be_off: another reboot would not help.
ought_not_be_off() {
  if grep -qw cgroup_enable=memory /proc/cmdline; then
    fatal "the memory cgroup is off although the kernel was started with 'cgroup_enable=memory': use the kernel of Raspberry Pi OS or Ubuntu"
  fi
  if [[ -e $rebooting_from && $(<"$rebooting_from") != "$(boot_id)" ]]; then
    fatal "the memory cgroup is off after a reboot for it, the kernel was started without 'cgroup_enable=memory': see in /proc/cmdline which file the boot loader reads, add it there and reboot the host"
  fi
}

# The file from which the firmware takes the kernel's command line; nothing if there is none.
kernel_command_line() {
  local file
  for file in /boot/firmware/current/cmdline.txt /boot/firmware/cmdline.txt /boot/cmdline.txt; do
    # Today the oldest location has a note that refers to the newer one.
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

# After the step has succeeded. SSH is refused until the machine is down, so the next step's connection, which is
# retried until it works, reaches the new boot.
reboot_soon() {
  info "rebooting for the memory cgroup"
  mkdir -p "$(dirname "$rebooting_from")"
  boot_id >"$rebooting_from"
  sync "$rebooting_from"
  systemctl stop ssh.socket sshd.socket ssh.service sshd.service 2>/dev/null || true
  systemd-run --quiet --collect --on-active=3 systemctl reboot
}
