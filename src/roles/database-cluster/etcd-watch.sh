#!/usr/bin/env bash
# Starts etcd anew on this host when it has had no leader for half a minute. What it remembers is then of no use: either
# the others go on without it, or a majority has lost its memory, and only members that admit to have nothing make a new
# cluster (join.sh).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=/dev/null
. "$here/settings.env"
: "${CLIENT_PORT:?}"

readonly patience=30

# A read that a majority has to agree to.
healthy() {
  curl --silent --fail --max-time 3 --noproxy '*' --cacert "$here/config/ca.crt" --cert "$here/config/member.crt" \
    --key "$here/config/member.key" "https://127.0.0.1:$CLIENT_PORT/health" 2>/dev/null | grep -q '"health":"true"'
}

main() {
  local last=$SECONDS
  while sleep 5; do
    # Before it has started it waits for others, as long as that takes.
    if healthy || ! systemctl --user --quiet is-active k3s-etcd.service; then last=$SECONDS; fi
    if ((SECONDS - last >= patience)); then
      echo "no leader for $patience seconds: restarting etcd from scratch"
      systemctl --user restart --no-block k3s-etcd.service
      last=$SECONDS
    fi
  done
}

main "$@"
