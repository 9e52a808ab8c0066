#!/usr/bin/env bash
# Opens the host's active firewall for the cluster's traffic. An inactive one stays inactive, and nothing is closed to
# other machines: the owner's rules, including SSH, are left as they are. On nodes, keeps pods from the cluster's
# storage and database.
#
# Inputs (step.env):
#   PEERS  IPv4 addresses of the servers, separated by blanks
# Files beside it: firewalld.FOLDER.NAME.xml, ufw-before.rules, ufw-before6.rules, nftables.rules, nftables.sh,
#   k3s-cdk-firewall.service, uninstall-firewall.sh; on nodes pods.nft, pods-table.sh, k3s-cdk-pods.service,
#   uninstall-pods.sh
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=lib-systemd.sh
. "$here/lib-systemd.sh"
# shellcheck source=lib-firewalld.sh
. "$here/lib-firewalld.sh"
# shellcheck source=lib-ufw.sh
. "$here/lib-ufw.sh"
# shellcheck source=lib-closed.sh
. "$here/lib-closed.sh"
# shellcheck source=/dev/null
. "$here/step.env"
: "${PEERS?}"

main() {
  place_file 0755 root:root "$here/uninstall-firewall.sh" /usr/local/lib/k3s-cdk/uninstall.d/20-firewall
  [[ ! -e $here/pods.nft ]] || keep_pods_away
  find_peers
  if systemctl is-active --quiet firewalld.service; then
    firewalld
  elif grep -qsi '^ENABLED=yes' /etc/ufw/ufw.conf; then
    ufw_rules
  elif systemctl is-active --quiet nftables.service; then
    nftables
  else
    require_open_iptables
    require_open_tables
    info "no firewall is active"
  fi
}

# A separate table, whatever the firewall is, even without one. On other hosts it was removed with their role.
keep_pods_away() {
  local unit_name=k3s-cdk-pods.service
  place_file 0755 root:root "$here/uninstall-pods.sh" /usr/local/lib/k3s-cdk/uninstall.d/25-pods
  place_file 0755 root:root "$here/pods-table.sh" /usr/local/libexec/k3s-cdk/pods-table.sh "$unit_name"
  place_file 0644 root:root "$here/pods.nft" /etc/k3s-cdk/pods.nft "$unit_name"
  place_file 0644 root:root "$here/$unit_name" "/etc/systemd/system/$unit_name" "$unit_name"
  start_unit "$unit_name" "compare with 'nft --check --file /etc/k3s-cdk/pods.nft'"
}

# Our own policy, zone and address sets, in files that nobody else writes.
firewalld() {
  local file name kept=' '
  [[ -d /usr/lib/firewalld/policies ]] ||
    fatal "this firewalld knows no policies, which came with 0.9: update it, or stop it"
  for file in "$here"/firewalld.*; do
    name=${file##*/firewalld.}
    name=/etc/firewalld/${name/./\/}
    kept+="$name "
    place_file 0644 root:root "$file" "$name" firewalld
  done
  for file in /etc/firewalld/{policies,zones,ipsets}/k3s-cdk*.xml; do
    [[ ! -e $file || $kept == *" $file "* ]] || remove_file "$file" firewalld
  done
  is_changed firewalld || return 0
  firewall-cmd --check-config >/dev/null || fatal "firewalld refuses its configuration (the message is above): correct /etc/firewalld"
  reload_firewalld || fatal "firewalld cannot be reloaded (the message is above): see 'journalctl -u firewalld'"
  clear_changed firewalld
}

# A marked section at the end of the files that ufw keeps for such rules.
ufw_rules() {
  local name next
  next=$(mktemp)
  for name in before before6; do
    sed '/^# BEGIN k3s-cdk$/,/^# END k3s-cdk$/d' "/etc/ufw/$name.rules" >"$next"
    cat "$here/ufw-$name.rules" >>"$next"
    # The owner's file: only the section in it is ours.
    RECORD='' place_file 0640 root:root "$next" "/etc/ufw/$name.rules" ufw
  done
  rm -f "$next"
  is_changed ufw || return 0
  restart_ufw || fatal "ufw cannot be restarted (see 'journalctl -u ufw'): correct /etc/ufw/before.rules, then 'systemctl restart ufw'"
  clear_changed ufw
}

# Not `ufw reload`, which disables ufw in its configuration and enables it again: interrupted in between, it leaves the
# host open.
# Into each of the owner's filter tables: a chain and a jump to it, added again whenever the tables are loaded.
nftables() {
  local unit_name=k3s-cdk-firewall.service
  place_file 0755 root:root "$here/nftables.sh" /usr/local/libexec/k3s-cdk/nftables.sh "$unit_name"
  place_file 0644 root:root "$here/nftables.rules" /etc/k3s-cdk/nftables.rules "$unit_name"
  place_file 0644 root:root "$here/$unit_name" "/etc/systemd/system/$unit_name" "$unit_name"
  start_unit "$unit_name" "compare /etc/k3s-cdk/nftables.rules with 'nft list ruleset'"
  require_open_iptables
}

# Some cloud images come with rules that reject everything but SSH, and owners load rules with their own scripts.
# Nothing shows when to open them again.
require_open_tables() {
  local rule
  rule=$(closing_table)
  [[ -z $rule ]] || fatal "a table of nftables keeps the cluster's hosts out (${rule%%$'\n'*}), and nftables.service does not load it: put it into the file of that service and run 'systemctl enable --now nftables', or remove it"
}

require_open_iptables() {
  local rule
  rule=$(closing_rule)
  [[ -z $rule ]] || fatal "bare rules of iptables keep the cluster's hosts out (${rule%%$'\n'*}), and no firewall service looks after them: remove them (see /etc/iptables or 'iptables-services'), or start firewalld or ufw"
}

closing_table() {
  local hook other=ip6
  ! has_peers ip6 || other=
  command -v nft >/dev/null || return 0
  for hook in $(hooks); do closed_by_nft "$hook" "$other"; done
}

# Both backends. The older one is queried only if it has rules: it would create a table otherwise.
closing_rule() {
  local tool program hook
  for tool in iptables ip6tables; do
    has_peers "${tool%tables}" || continue
    for program in "$tool-nft-save" "$tool-save" "$tool-legacy-save"; do
      command -v "$program" >/dev/null || continue
      [[ $program != "$tool-save" ]] || ! command -v "$tool-nft-save" >/dev/null || continue
      [[ $program != *-legacy-* ]] || grep -qsx filter "/proc/net/${tool%tables}_tables_names" || continue
      for hook in $(hooks); do closed_by_iptables "$program" "${hook^^}"; done
    done
  done
}

# Where the cluster's packets pass; on hosts with pods, forwarded ones, too.
hooks() {
  echo input
  [[ ! -e $here/pods.nft ]] || echo forward
}

# has_peers ip|ip6: whether hosts of the cluster have addresses of that family.
has_peers() { grep -q "^input .* $1 saddr {" "$here/nftables.rules"; }

# The inputs of lib-closed.sh. The only server's own address leads to loopback, and is on the device that is meant.
find_peers() {
  local peer
  for peer in $PEERS; do
    DEVICE=$(ip -o route get "$peer" 2>/dev/null | sed -n 's/.* dev \([^ ]*\).*/\1/p') || true
    [[ $DEVICE != lo ]] || DEVICE=$(ip -o address show to "$peer" 2>/dev/null | awk '{ print $2; exit }') || true
    [[ -z $DEVICE || $DEVICE == lo ]] || break
  done
}

main "$@"
