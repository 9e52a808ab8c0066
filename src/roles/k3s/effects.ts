import type { Host, Topology } from '../../model/topology';
import type { Effect } from '../effect';

/** What k3s reads when it starts, and only then. */
const configuration = [
  'config.yaml',
  'k3s.service',
  'k3s.env',
  'kubelet.conf',
  'registries.yaml',
  'authentication.yaml',
  'admission.yaml',
  'audit-policy.yaml',
  'NODE_IP',
  'SECRETS',
  // What its step brings of secrets/.
  'token',
  'agent-token',
  'datastore-ca.crt',
  'datastore-client.crt',
  'registries',
  'password',
];

/** What changes of its steps do on a server or an agent. */
export function k3sEffects({ servers, nodes }: Topology, { kind }: Host): Effect[] {
  const isAlone = kind === 'server' && servers.length === 1;
  const isOneOfSeveral = kind === 'server' && !isAlone;
  const turns = isAlone
    ? ''
    : `, ${isOneOfSeveral ? 'one server at a time' : "'k3s.maxUnavailable' agents at a time"}`;
  const drained = nodes.length > 1 ? ', drained first' : '';
  const api = isAlone ? '; the API does not answer meanwhile' : '';
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
      does: `k3s restarts with the new release${turns}${drained}${api}`,
      ...(isAlone && { care: true }),
      ...(isOneOfSeveral && { outage: 'upgrade of three servers, v1.34.1 to v1.34.2' }),
    },
    {
      ...{ step: 'k3s', of: configuration, unless: ['COMMAND', 'VERSION'] },
      called: 'config.yaml, k3s.service, other files, NODE_IP or secrets',
      does: `k3s restarts${turns}; pods keep running${api}`,
      ...(isAlone && { care: true }),
      ...(isOneOfSeveral && { outage: 'certificates of k3s renewed on three servers' }),
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
