# shellcheck shell=bash
# Finds foreign services on a machine that our steps would take over. Changes nothing. Needs lib.sh and
# lib-preflight.sh.

# check_others ROLE...: of k3s, load-balancer and nfs, those that the machine is to run.
check_others() {
  local role
  for role; do
    case $role in
      k3s) is_ours 50-k3s k3s k3s-binary || others_k3s ;;
      load-balancer) is_ours 60-load-balancer load-balancer || others_load_balancer ;;
      nfs) is_ours 42-nfs nfs || others_exports ;;
      *) fatal "'$role' is not a role" ;;
    esac
  done
}

# is_ours UNINSTALLER STEP...: whether one of these steps has run here and has not been completely uninstalled. A step
# leaves a record from its start.
is_ours() {
  local step
  [[ ! -e /usr/local/lib/k3s-cdk/uninstall.d/$1 ]] || return 0
  for step in "${@:2}"; do
    [[ ! -e /var/lib/k3s-cdk/records/$step && ! -e /var/lib/k3s-cdk/records/$step.unfinished ]] || return 0
  done
  return 1
}

others_k3s() {
  local file found='' config=''
  for file in /etc/systemd/system/k3s{,-*}.service /usr/local/lib/systemd/system/k3s{,-*}.service \
    /etc/rancher/k3s/config.yaml /var/lib/rancher/k3s/server/{db,tls} /var/lib/rancher/k3s/agent/kubelet.kubeconfig; do
    # Units of the firewall and of backups are ours.
    [[ ! -e $file || $file == */k3s-cdk-* ]] || found+="${found:+, }$file"
  done
  for file in /etc/rancher/k3s/config.yaml.d/*; do
    [[ ! -e $file || $file == *k3s-cdk* ]] || config+="${config:+, }$file"
  done
  if [[ -n $found ]]; then
    problem "this machine has a k3s that is not in our records ($found${config:+, $config}), which would be taken over with all that it runs: take it off first ('k3s-uninstall.sh' or 'k3s-agent-uninstall.sh' on it deletes its data too), or use another machine"
  elif [[ -n $config ]]; then
    problem "k3s would run with settings that are not in our records ($config): remove them, or put 'k3s-cdk' into the name of a file that is meant for this cluster"
  fi
}

others_load_balancer() {
  local conf=/etc/keepalived/keepalived.conf
  if is_in_use haproxy && { ! is_as_packaged haproxy /etc/haproxy/haproxy.cfg || [[ -n $(compgen -G '/etc/haproxy/conf.d/*.cfg') ]]; }; then
    problem "this machine runs haproxy with a configuration that is not in our records (/etc/haproxy), which would end: use another machine, or stop it ('systemctl disable --now haproxy')"
  fi
  if is_in_use keepalived && [[ -s $conf ]] && ! is_as_packaged keepalived "$conf"; then
    problem "this machine runs keepalived with a configuration that is not in our records ($conf), which would end with its address: use another machine, or stop it ('systemctl disable --now keepalived')"
  fi
}

is_in_use() {
  systemctl is-active --quiet "$1.service" || systemctl is-enabled --quiet "$1.service" 2>/dev/null
}

# is_as_packaged PACKAGE FILE: nobody has written into it.
is_as_packaged() {
  local sum
  [[ -f $2 ]] || return 1
  if command -v dpkg-query >/dev/null; then
    sum=$(md5sum <"$2")
    dpkg-query --show --showformat '${Conffiles}' "$1" 2>/dev/null | grep -qF " $2 ${sum%% *}"
  else
    # A line for each file that differs: 5 is for the content.
    rpm --query --quiet "$1" 2>/dev/null && ! rpm --verify "$1" 2>/dev/null | grep -q "^..5.* $2\$"
  fi
}

# They may stay: ours are in a separate file.
others_exports() {
  local file
  for file in /etc/exports /etc/exports.d/*.exports; do
    [[ -e $file && $file != */k3s-cdk.exports ]] || continue
    ! grep -qE '^[[:space:]]*[^#[:space:]]' "$file" ||
      warn "this machine serves NFS to others already ($file): they keep working if they speak NFS 4.2, older versions are turned off"
  done
}
