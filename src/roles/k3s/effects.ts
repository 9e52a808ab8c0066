import type { Host } from '../../model/topology';
import type { Effect } from '../effect';

/** What k3s reads when it starts, and only then. */
const configuration = [
  'config.yaml',
  'k3s.service',
  'k3s.env',
  'registries.yaml',
  'authentication.yaml',
  'admission.yaml',
  'audit-policy.yaml',
  'NODE_IP',
  'SECRETS',
];

/** What changes of its steps do on a server or an agent. */
export function k3sEffects(kind: Host['kind']): Effect[] {
  const isServer = kind === 'server';
  const turns = isServer ? 'one server at a time' : "'k3s.maxUnavailable' agents at a time";
  return [
    {
      ...{ step: 'k3s-binary', of: ['VERSION'] },
      does: 'the release is installed beside the one that runs; nothing restarts yet',
    },
    {
      ...{ step: 'k3s', of: ['COMMAND'], care: true },
      does: 'the node changes its role: k3s restarts, and what opens the cluster is removed from one that is no server any more',
    },
    {
      ...{ step: 'k3s', of: ['VERSION'], unless: ['COMMAND'] },
      does: `k3s restarts with the new release, ${turns}, each drained first`,
      ...(isServer && { outage: 'upgrade of three servers, v1.34.1 to v1.34.2' }),
    },
    {
      ...{ step: 'k3s', of: configuration, unless: ['COMMAND', 'VERSION'] },
      does: `k3s restarts, ${turns}; pods keep running`,
      ...(isServer && { outage: 'certificates of k3s renewed on three servers' }),
    },
    {
      step: 'k3s',
      of: ['crds.yaml', 'turns.yaml'],
      does: 'k3s applies them to the cluster; nothing restarts',
    },
    {
      ...{ step: 'nodes', of: ['nodes'] },
      does: 'labels and taints of nodes follow cluster.yaml; nothing restarts',
    },
  ];
}
