import type { Topology } from '../model/topology';
import { databaseClusterProblems } from './database-cluster-problems';
import type { DatabaseStatus, HostStatus, NodeStatus } from './host-status';
import type { Problem } from './problem';

/** Rows that have been overwritten and not cleaned up: more than live ones, and enough to matter. */
const tooManyDeadRows = 100_000;

/** Of Postgres's connections; k3s opens as many as it wants. */
const connectionsInUse = 0.8;

/** What does not work of the services that the hosts make together. */
export function* serviceProblems(topology: Topology, hosts: readonly HostStatus[]): Iterable<Problem> {
  for (const host of hosts) {
    if (host.k3s?.datastoreFailure !== undefined)
      yield {
        severity: 'error',
        code: 'datastore-refused',
        host: host.name,
        message: `could not reconnect to the database (${host.k3s.datastoreFailure}): k3s lives on the connections that it has, and would not start again; if 'secrets/' was lost, run 'k3s-cdk init --from-hosts', then 'k3s-cdk deploy'`,
      };
    if (host.database) yield* databaseProblems(host.name, host.database, topology.databases.length > 1);
    if (host.nfs?.clients === 0 && topology.nodes.length > 0)
      yield {
        severity: 'error',
        code: 'nfs-not-exported',
        host: host.name,
        message: `does not export '${topology.nfs?.path}': see 'exportfs -v' and 'journalctl -u nfs-server' on it`,
      };
    // Without its database it cannot.
    if (
      host.k3s?.api &&
      !host.k3s.api.answers &&
      !hosts.some(({ database }) => database && !database.postgres && !database.members)
    )
      yield {
        severity: 'error',
        code: 'api-down',
        host: host.name,
        message: `has an API that does not answer (${host.k3s.api.reason ?? 'it says nothing'}): see 'journalctl -u k3s' on it`,
      };
  }
  yield* databaseClusterProblems(topology, hosts);
  yield* virtualIpProblems(topology, hosts);
  yield* backendProblems(hosts);
  yield* nodeProblems(topology, hosts);
}

function* databaseProblems(host: string, status: DatabaseStatus, several: boolean): Iterable<Problem> {
  const { unit, postgres, error, backup } = status;
  if (backup?.failed !== undefined)
    yield {
      severity: 'error',
      code: 'backup-failed',
      host,
      message: `could not make the backup of ${backup.failed}${backup.last === undefined ? '' : ` (the last good one is of ${backup.last})`}: see 'journalctl -u k3s-cdk-backup' on it`,
    };
  if (!postgres) {
    const state = unit === 'active' ? `does not answer (${error ?? 'it says nothing'})` : `is ${unit}`;
    yield {
      severity: 'error',
      code: 'database-down',
      host,
      message: `has a Postgres that ${state}${several ? '' : ', so the API of k3s does not work either'}: see 'journalctl CONTAINER_NAME=k3s-postgres' on it`,
    };
    return;
  }
  const { connections, maxConnections, kine } = postgres;
  if (connections > maxConnections * connectionsInUse)
    yield {
      severity: 'warning',
      code: 'database-connections',
      host,
      message: `has ${connections} of ${maxConnections} connections of Postgres in use: raise 'max_connections' under 'database.settings' in cluster.yaml`,
    };
  if (kine.deadRows > tooManyDeadRows && kine.deadRows > kine.rows)
    yield {
      severity: 'warning',
      code: 'database-bloat',
      host,
      message: `has ${kine.deadRows} dead rows beside ${kine.rows} live ones in table kine: autovacuum does not keep up; run 'VACUUM kine' in Postgres`,
    };
}

function* virtualIpProblems({ api }: Topology, hosts: readonly HostStatus[]): Iterable<Problem> {
  const address = api.loadBalancer?.virtualIp;
  if (address === undefined) return;
  const servers = hosts.filter(({ roles }) => roles.includes('server'));
  const holders = servers.filter(({ loadBalancer }) => loadBalancer?.holdsVirtualIp).map(({ name }) => name);
  const unknown = servers.filter(({ loadBalancer }) => !loadBalancer).map(({ name }) => name);
  if (holders.length === 0 && unknown.length === servers.length) return;
  if (holders.length === 0)
    yield {
      severity: 'error',
      code: 'virtual-ip-nowhere',
      message: `no ${unknown.length > 0 ? 'server that answers' : 'server'} has the virtual IP ${address}: see 'journalctl -u keepalived' on the servers`,
    };
  else if (holders.length > 1)
    yield {
      severity: 'error',
      code: 'virtual-ip-twice',
      message: `${holders.join(' and ')} have the virtual IP ${address} at the same time: VRRP (IP protocol 112) does not get through between them`,
    };
}

/** A server that haproxy does not send anything to, although it seems well: the network between the two, mostly. */
function* backendProblems(hosts: readonly HostStatus[]): Iterable<Problem> {
  const well = new Set(hosts.filter(({ k3s }) => k3s?.api?.answers).map(({ name }) => name));
  for (const { name: host, loadBalancer, units } of hosts) {
    if (!loadBalancer) continue;
    const runs = units.some(({ name, active }) => name === 'haproxy.service' && active === 'active');
    if (runs && loadBalancer.backends.length === 0)
      yield {
        severity: 'error',
        code: 'load-balancer-silent',
        host,
        message: "has a haproxy that does not answer at its socket: see 'journalctl -u haproxy' on it",
      };
    for (const { name, up, check } of loadBalancer.backends)
      if (!up && well.has(name))
        yield {
          severity: 'error',
          code: 'backend-down',
          host,
          message: `has a haproxy that finds the API of ${name} down (${check}), which itself says that it answers: does the network between them let its port through?`,
        };
  }
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
        message: `node '${name}' is in the cluster and not in cluster.yaml: add it there, or remove it with 'kubectl delete node ${name}'`,
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
