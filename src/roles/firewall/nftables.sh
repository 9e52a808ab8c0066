#!/usr/bin/env bash
# Adds the cluster's rules to every table of the owner that filters incoming or forwarded packets, or removes them.
#
# Argument: apply or remove
# Input: /etc/k3s-cdk/nftables.rules, lines of: hook, families of tables, rule
set -euo pipefail

main() {
  local family table chain hook
  base_chains | while read -r family table chain hook; do
    remove "$family" "$table" "$chain" "$hook"
    if [[ $1 == apply ]]; then apply "$family" "$table" "$chain" "$hook"; fi
  done
}

# Lines of: family, table, chain, hook. firewalld and iptables manage their own tables; kube-proxy recreates its own all
# the time, and ours keeps pods away.
base_chains() {
  nft list chains | awk '
    $1 == "table" { family = $2; table = $3 }
    $1 == "chain" { chain = $2 }
    $1 == "type" && $2 == "filter" && ($4 == "input" || $4 == "forward") \
      && family ~ /^(ip|ip6|inet)$/ && !(family != "inet" && chain ~ /^(INPUT|FORWARD)$/) \
      && table !~ /^(firewalld|kube-proxy|k3s-cdk-pods)$/ {
      print family, table, chain, $4
    }'
}

# In one transaction, so that no packet sees half of it.
apply() {
  local hook families rule own=k3s-cdk-$4
  {
    echo "add chain $1 $2 $own"
    while read -r hook families rule; do
      if [[ $hook == "$4" && ,$families, == *",$1,"* ]]; then echo "add rule $1 $2 $own $rule"; fi
    done </etc/k3s-cdk/nftables.rules
    echo "insert rule $1 $2 $3 jump $own"
  } | nft -f -
}

remove() {
  local handle own=k3s-cdk-$4
  for handle in $(nft -a list chain "$1" "$2" "$3" | sed -n "s/.*jump $own # handle //p"); do
    nft delete rule "$1" "$2" "$3" handle "$handle"
  done
  nft delete chain "$1" "$2" "$own" 2>/dev/null || true
}

main "$@"
