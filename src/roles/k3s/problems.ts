import type { Topology } from '../../model/topology';
import type { HostStatus } from '../../status/host-status';
import type { Problem } from '../../status/problem';
import type { NodeStatus } from './status';

/** Problems of k3s on the nodes. */
export function* k3sProblems(topology: Topology, hosts: readonly HostStatus[]): Iterable<Problem> {
  for (const host of hosts) {
    if (host.k3s?.datastoreFailure !== undefined)
      yield {
        severity: 'error',
        code: 'datastore-refused',
        host: host.name,
        message: `could not reconnect to the database (${host.k3s.datastoreFailure}): k3s keeps its open connections, and would not start again; if 'secrets/' was lost, run 'k3s-cdk init --from-hosts', then 'k3s-cdk deploy'`,
      };
    // Without its database it cannot.
    if (
      host.k3s?.api &&
      !host.k3s.api.answers &&
      !hosts.some(
        ({ database, datastore }) =>
          datastore?.failure !== undefined || (database && !database.postgres && !database.members),
      )
    )
      yield {
        severity: 'error',
        code: 'api-down',
        host: host.name,
        message: `has an API that does not answer (${host.k3s.api.reason ?? 'it says nothing'}): see 'journalctl -u k3s' on it`,
      };
  }
  yield* nodeProblems(topology, hosts);
}

function* nodeProblems(topology: Topology, hosts: readonly HostStatus[]): Iterable<Problem> {
  const sources = hosts.filter(({ k3s }) => k3s?.api?.answers);
  const source = sources.find(({ k3s }) => k3s?.nodesFailure === undefined);
  if (!source?.k3s) {
    for (const { name: host, k3s } of sources)
      yield {
        severity: 'error',
        code: 'nodes-unknown',
        host,
        message: `has an API that answers and does not list the nodes (${k3s?.nodesFailure || 'it takes too long'}): it is very busy, or its database is; try '--timeout 60'`,
      };
    return;
  }
  const { nodes } = source.k3s;
  const answering = new Map(hosts.map((host) => [host.name, host]));
  for (const { name } of topology.nodes) {
    const node = nodes.find((other) => other.name === name);
    if (node) yield* oneNode(node, topology.k3s.version);
    else if (answering.get(name)?.k3s?.kubelet)
      yield {
        severity: 'error',
        code: 'node-missing',
        host: name,
        message: "is not among the nodes of the cluster: see 'journalctl -u k3s -u k3s-agent' on it",
      };
  }
  for (const { name } of nodes)
    if (!topology.nodes.some((host) => host.name === name))
      yield {
        severity: 'warning',
        code: 'node-unknown',
        host: name,
        message: `is a node of the cluster and not in cluster.yaml: add it there, or remove it with 'kubectl delete node ${name}'`,
      };
}

function* oneNode(node: NodeStatus, wanted: string): Iterable<Problem> {
  const { name: host, ready, version, schedulable, conditions } = node;
  if (!ready)
    yield {
      severity: 'error',
      code: 'node-not-ready',
      host,
      message: `is not Ready: 'kubectl describe node ${host}' shows why`,
    };
  if (!schedulable)
    yield {
      severity: 'warning',
      code: 'node-cordoned',
      host,
      message: `takes no new pods: 'kubectl uncordon ${host}' if nobody works on it`,
    };
  if (conditions.length > 0)
    yield {
      severity: 'warning',
      code: 'node-pressure',
      host,
      message: `reports ${conditions.join(', ')}: 'kubectl describe node ${host}' shows more`,
    };
  if (version !== wanted)
    yield {
      severity: 'warning',
      code: 'version',
      host,
      message: `runs k3s ${version}, and cluster.yaml wants ${wanted}: run 'k3s-cdk deploy'`,
    };
}
