#!/usr/bin/env bash
# Keeps pods from the cluster's storage and database: loads the table of /etc/k3s-cdk/pods.nft, and loads it again when
# it is gone or changed. A firewall whose rules begin with 'flush ruleset' removes all tables, which nobody would
# notice.
#
# Arguments: load; or keep, which does not end, and the seconds between two checks
set -euo pipefail

readonly rules=/etc/k3s-cdk/pods.nft

main() {
  load
  [[ $1 == keep ]] || return 0
  while sleep "$2"; do
    [[ $(present) != "$loaded" ]] || continue
    echo "the table 'inet k3s-cdk-pods' was removed or changed: loading it again"
    load
  done
}

load() {
  nft --file "$rules"
  loaded=$(present)
}

# Without counters.
present() { nft --stateless list table inet k3s-cdk-pods 2>/dev/null || true; }

main "$@"
