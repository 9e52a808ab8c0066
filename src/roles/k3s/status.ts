import type { Host } from '../../model/topology';
import { type Answer, text, word } from '../../status/answer';
import { needsK3sStep } from '../../status/certificate-problems';
import type { RoleStatus } from '../role-status';
import probe from './probe-k3s.sh';
import { k3sProblems } from './problems';

export interface K3sStatus {
  /** Version that is installed: `vX.Y.Z+k3sN`. */
  readonly version?: string;
  /** Whether a kubelet is wanted here; without one it is not a node. */
  readonly kubelet: boolean;
  /** On servers: whether the API answers, and if not, what it said. */
  readonly api?: { readonly answers: boolean; readonly reason?: string };
  /** On servers: the nodes, as this server sees them. */
  readonly nodes: readonly NodeStatus[];
  /** On servers whose API answers, but does not list the nodes: what it said, or nothing. */
  readonly nodesFailure?: string;
  /** On servers: why the database would not take a new connection, or why k3s would not take the database. */
  readonly datastoreFailure?: string;
}

export interface NodeStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly version: string;
  /** False when it is cordoned. */
  readonly schedulable: boolean;
  /** `DiskPressure` and the like. */
  readonly conditions: readonly string[];
}

/** k3s on a node, and on servers what its API reports about the nodes. */
export const k3sStatus: RoleStatus = {
  units: (_, { kind }) => [kind === 'server' ? 'k3s.service' : 'k3s-agent.service'],
  folders: () => ['/var/lib/rancher'],
  certificates: ({ database }) => [
    '/var/lib/rancher/k3s/server/tls/*.crt',
    '/var/lib/rancher/k3s/agent/*.crt',
    ...(database.external ? [] : ['/etc/rancher/k3s/datastore/*.crt']),
  ],
  probe: {
    script: probe,
    calls: ['cluster', 'datastore'],
    inputs: ({ database }, { kind }) => ({
      COMMAND: kind,
      // What somebody else runs has a probe of its own.
      DATASTORE: kind === 'server' && !database.external ? database.addresses.join(' ') : '',
    }),
  },
  read: (answer, host) => (host.kind === 'none' ? {} : { k3s: read(answer, host) }),
  problems: k3sProblems,
  repeat: (host, now) => (needsK3sStep(host, now) ? ['k3s'] : []),
};

function read(answer: Answer, host: Host): K3sStatus {
  const version = /^k3s-(v[\w.+-]{1,60})$/.exec(answer.first('k3s')?.[0] ?? '')?.[1];
  const nodesFailure = answer.first('nodes-failure')?.[0];
  const [datastore, refusal] = answer.first('datastore') ?? [];
  const [api, reason] = answer.first('api') ?? ['no', 'k3s is not installed'];
  return {
    ...(version !== undefined && { version }),
    kubelet: answer.first('kubelet')?.[0] !== 'no',
    ...(host.kind === 'server' && {
      api: { answers: api === 'yes', ...(reason && { reason: text(reason) }) },
    }),
    ...(nodesFailure !== undefined && { nodesFailure: text(nodesFailure) }),
    ...(datastore === 'no' && { datastoreFailure: text(refusal) }),
    nodes: answer.all('node').map(([name, ready, nodeVersion, unschedulable, conditions]) => ({
      name: word(name, 'a host name'),
      ready: ready === 'True',
      version: word(nodeVersion, 'a version'),
      schedulable: unschedulable !== 'true',
      conditions: text(conditions)
        .split(' ')
        .filter((condition) => condition !== '' && condition !== 'Ready'),
    })),
  };
}
