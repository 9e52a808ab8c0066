import { databaseClusterProblems } from '../../src/roles/database-cluster/problems';
import type { HostStatus } from '../../src/status/host-status';
import { topologyOf } from '../support/examples';

const topology = topologyOf('examples/ha-database.yaml');

type Members = NonNullable<NonNullable<HostStatus['database']>['members']>;
const well: Members = [
  { name: 'storage1', role: 'leader', state: 'running', lag: 0 },
  { name: 'storage2', role: 'sync_standby', state: 'streaming', lag: 0 },
];

/** Severity, host and code of what is wrong, with what Patroni says and the servers whose etcd is down. */
function problems(members: Members, etcdDown: readonly string[] = []): string[] {
  const hosts = topology.hosts.map(({ name, address, roles }): HostStatus => {
    const lists = { units: [], steps: [], drift: [], certificates: [] };
    const etcd = { unit: 'active', healthy: !etcdDown.includes(name) };
    return {
      ...{ name, address, roles, reachable: true, ...lists },
      ...(roles.includes('database') && { database: { unit: 'active', members } }),
      ...(roles.includes('server') && { etcd }),
    };
  });
  return [...databaseClusterProblems(topology, hosts)].map(({ severity, host = 'cluster', code }) =>
    [severity, host, code].join(' '),
  );
}

test('a primary, a synchronous standby and three etcd hosts are healthy', () => {
  expect(problems(well)).toEqual([]);
});

test('without a primary, or without a synchronous standby, status says so', () => {
  const [primary, standby] = well;
  if (!primary || !standby) throw new Error('no members');
  expect(problems([{ ...primary, role: 'replica' }, standby])).toEqual(['error cluster database-no-primary']);
  expect(problems([primary])).toEqual(['warning cluster database-alone', 'error storage2 database-member']);
  expect(problems([primary, { ...standby, role: 'replica', state: 'starting' }])).toEqual([
    'warning cluster database-alone',
    'error storage2 database-member',
  ]);
});

test('one etcd host may be missing, two may not', () => {
  expect(problems(well, ['server1'])).toEqual(['warning server1 etcd-down']);
  expect(problems(well, ['server1', 'server2'])).toEqual([
    'error server1 etcd-down',
    'error server2 etcd-down',
  ]);
});
