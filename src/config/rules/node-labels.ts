import type { Draft } from '../draft';
import { type DraftHost, isNode, known } from './known';
import { type DraftSelectors, type Labels, selects } from './label-selectors';

/** Labels that a node has, or may have, whose value cluster.yaml does not determine. */
const unknownKeys = new Set([
  'kubernetes.io/arch',
  'beta.kubernetes.io/arch',
  'node-role.kubernetes.io/master',
  'node-role.kubernetes.io/etcd',
  'egress.k3s.io/cluster',
]);

/** The labels that a host has as a node: those of cluster.yaml, and what the kubelet and k3s set by themselves. */
export function labelsOf({ name, labels, zone, roles }: DraftHost): Labels {
  const set: Readonly<Record<string, string | null | undefined>> = {
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
    'beta.kubernetes.io/os': 'linux',
    'node.kubernetes.io/instance-type': 'k3s',
    'beta.kubernetes.io/instance-type': 'k3s',
    'node-role.kubernetes.io/control-plane': roles && (roles.includes('server') ? 'true' : null),
    ...(zone !== undefined && { 'topology.kubernetes.io/zone': zone }),
    ...labels,
  };
  return (key) => {
    if (Object.hasOwn(set, key)) return set[key];
    return unknownKeys.has(key) || labels === undefined ? undefined : null;
  };
}

/** Whether a node is certain to be picked by both lists; an empty one picks every node. */
export function shareNode(config: Draft, a: DraftSelectors, b: DraftSelectors): boolean {
  const picks = (selectors: DraftSelectors, host: DraftHost) =>
    selectors?.length === 0 || selects(selectors, labelsOf(host)) === true;
  return known(config.hosts).some(([, host]) => isNode(host) && picks(a, host) && picks(b, host));
}
