#!/usr/bin/env bash
# Waits until k3s has installed the custom resource definitions, and creates the object with which kubectl tracks what
# it applies, if there is none. An existing one has data that kubectl has written into it.
#
# Files: crds.yaml, which the servers' manifests have too; manifest-set.yaml
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
COMMAND=server
# shellcheck source=lib-node.sh
. "$here/lib-node.sh"
# shellcheck source=/dev/null
. "$here/step.env"

# defined_resources FILE: names of the definitions; objects of other kinds may be between them.
defined_resources() {
  awk '/^---/ { definition = inside = 0 }
    /^kind: CustomResourceDefinition$/ { definition = 1 }
    /^metadata:/ { inside = 1; next }
    inside && /^  name:/ { inside = 0; if (definition) print $2 }' "$1"
}

# On a slow machine starting kubectl costs more than its query, so one waits for the last definition (before 1.31 it
# cannot, and fails), and one for all of them. Its timeout covers all of them together.
are_established() {
  as_admin wait --for create --timeout 60s "crd/${!#}" >/dev/null 2>&1 || true
  as_admin wait --for condition=Established --timeout 60s "${@/#/crd/}" >/dev/null 2>&1
}

is_created_or_exists() {
  as_admin create -f "$1" >/dev/null 2>&1 || as_admin get -f "$1" >/dev/null 2>&1
}

main() {
  local -a names
  mapfile -t names < <(defined_resources "$here/crds.yaml")
  # k3s applies one manifest after the other: on a slow machine, ours follows minutes after the node is ready.
  wait_until 600 are_established "${names[@]}" ||
    fatal "k3s does not establish the definitions of custom resources: see 'journalctl -u k3s' and 'k3s kubectl get addon -n kube-system k3s-cdk-crds -o yaml' on this host, then apply again"
  wait_until 60 is_created_or_exists "$here/manifest-set.yaml" ||
    fatal "the ManifestSet, which 'kubectl apply --applyset' needs, cannot be created: 'k3s kubectl create -f' with a file like cdktf.out/stacks/hosts/steps/definitions.*/manifest-set.yaml shows why"
}

main "$@"
