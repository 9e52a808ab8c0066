import { createHash } from 'node:crypto';
import crd from './manifest-set.crd.yaml';
import { toYaml } from './yaml';

const group = 'k3s-cdk.internal';
const kind = 'ManifestSet';

export const manifestSetCrd = crd;

/**
 * The object in which `kubectl apply --prune --applyset=manifestsets.k3s-cdk.internal/<cluster>` tracks what
 * it applied: our own kind, because the built-in ones can only hold the objects of one namespace. kubectl
 * does not create it, so it has to exist beforehand; and what kubectl has written into it must stay.
 */
export function manifestSet(cluster: string): string {
  return toYaml({
    apiVersion: `${group}/v1`,
    kind,
    metadata: {
      name: cluster,
      labels: { 'applyset.kubernetes.io/id': applySetId(cluster) },
      // kubectl takes over a set only with these, and keeps them up to date.
      annotations: {
        'applyset.kubernetes.io/tooling': 'kubectl/v1',
        'applyset.kubernetes.io/contains-group-kinds': '',
      },
    },
  });
}

/** kubectl's own formula (KEP-3659): a hash over name, namespace (none), kind and group of the parent. */
function applySetId(name: string): string {
  const hash = createHash('sha256').update(`${name}..${kind}.${group}`).digest('base64url');
  return `applyset-${hash}-v1`;
}
