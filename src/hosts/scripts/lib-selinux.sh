# shellcheck shell=bash
# k3s under an enforcing SELinux. Needs lib.sh, lib-packages.sh, DOWNLOAD.

selinux_for_k3s() {
  [[ -d /sys/fs/selinux && -n $(ls /sys/fs/selinux) ]] || return 0
  install_packages dnf container-selinux policycoreutils-python-utils
  if has_package dnf k3s-selinux; then return; fi
  if ! package_is_offered k3s-selinux; then
    [[ ${DOWNLOAD:?} == yes ]] ||
      fatal "SELinux is on but package 'k3s-selinux' is neither installed nor offered: install its rpm (github.com/k3s-io/k3s-selinux) or offer it in a package repository"
    add_k3s_repository
  fi
  install_packages dnf k3s-selinux
}

# The publisher's repository; its folder of version 9 serves version 10 too, as k3s's own installer has it.
add_k3s_repository() {
  local version repository
  version=$(rpm -E '%{rhel}')
  ((version < 10)) || version=9
  repository=$(mktemp)
  cat >"$repository" <<END
[rancher-k3s-common]
name=k3s, made by k3s-cdk
baseurl=https://rpm.rancher.io/k3s/stable/common/centos/$version/noarch
gpgcheck=1
repo_gpgcheck=0
gpgkey=https://rpm.rancher.io/public.key
END
  place_file 0644 root:root "$repository" /etc/yum.repos.d/rancher-k3s-common.repo
  rm -f "$repository"
}
