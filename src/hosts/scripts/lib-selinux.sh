# shellcheck shell=bash
# What k3s needs where SELinux is on: its policy, and the label of its binary. Needs lib.sh, lib-packages.sh.

selinux_enabled() { [[ -x /usr/sbin/selinuxenabled ]] && /usr/sbin/selinuxenabled; }

# prepare_selinux [ARTIFACTS]: the policy of k3s; from a package in the folder ARTIFACTS, or from SUSE's repository as
# k3s's own installer has it: el8 for EL8, el9 for EL9 and EL10.
prepare_selinux() {
  local release package
  selinux_enabled || return 0
  install_packages dnf container-selinux
  if has_package dnf k3s-selinux; then return; fi
  if [[ -n ${1:-} ]]; then
    package=$(find "$1" -name 'k3s-selinux-*.rpm' -print -quit)
    [[ -n $package ]] ||
      fatal "SELinux is on, and the artifacts hold no k3s-selinux package: copy k3s-selinux-*.rpm from rpm.rancher.io into the folder of this architecture"
    dnf_install "$package"
  else
    release=$(rpm --eval '%{rhel}')
    [[ $release == 8 ]] || release=9
    cat >/etc/yum.repos.d/k3s-selinux.repo <<REPO
[k3s-selinux]
name=SELinux policy of k3s
baseurl=https://rpm.rancher.io/k3s/stable/common/centos/$release/noarch
enabled=1
gpgcheck=1
gpgkey=https://rpm.rancher.io/public.key
REPO
    install_packages dnf k3s-selinux
  fi
}

# label_binary FILE: for any path; the policy itself only knows the final one.
label_binary() {
  selinux_enabled || return 0
  chcon -u system_u -r object_r -t container_runtime_exec_t "$1" ||
    fatal "'$1' cannot get the SELinux label 'container_runtime_exec_t': check that container-selinux is installed"
}
