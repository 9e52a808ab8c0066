#!/usr/bin/env bash
# Removes nodes whose machine has been replaced, so that the new one can join under the old name. The last step of a
# rollout records every node's machine; if cluster.yaml now has another one and the node is not ready, the old machine
# is gone. A machine that merely has a new SSH host key is ready, and stays.
#
# Inputs (step.env):
#   MACHINES  NAME=MACHINE of each agent, separated by blanks; 'unknown' without a host key
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
COMMAND=server
# shellcheck source=lib-node.sh
. "$here/lib-node.sh"
# shellcheck source=/dev/null
. "$here/step.env"

main() {
  local each name machine noted ready nodes
  local -A wanted=()
  for each in ${MACHINES:?}; do wanted[${each%%=*}]=${each#*=}; done
  nodes=$(node_lines "{.metadata.name} {.metadata.annotations['$machine_annotation']} {.status.conditions[?(@.type==\"Ready\")].status}")
  while read -r name noted ready; do
    [[ -n $name ]] || continue
    machine=${wanted[$name]:-unknown}
    # Without a record there are only two words, and nothing is known.
    if [[ -z $ready || $machine == unknown || $noted == unknown || $noted == "$machine" ]]; then continue; fi
    if [[ $ready == True ]]; then
      info "node '$name' has another SSH host key than before and is ready: it stays"
      continue
    fi
    info "node '$name' is another machine now: removing what the old one left in the cluster"
    forget_node "$name"
  done <<<"$nodes"
}

main "$@"
