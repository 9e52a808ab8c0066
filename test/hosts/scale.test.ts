import { SynthesizedHosts } from '../support/hosts-stack';
import { topologyWith } from '../support/hosts-topology';

const role = (name: string) => {
  if (name.startsWith('storage')) return 'database, nfs';
  return name.startsWith('server') ? 'server' : 'agent';
};

/** The hosts output of a cluster of these hosts. */
function cluster(names: string, extra = ''): SynthesizedHosts {
  const hosts = names
    .split(' ')
    .map((name) => [name, Number(/\d+$/.exec(name))] as const)
    .map(
      ([name, number]) =>
        `  - { name: ${name}, address: 192.168.10.${name.startsWith('agent') ? 20 + number : 10 + number}, roles: [${role(name)}] }\n`,
    );
  return new SynthesizedHosts(topologyWith(`hosts:\n${hosts.join('')}\n${extra}`));
}

/** Steps of hosts that are there before and after, with the names of the triggers that changed. */
function touched(before: SynthesizedHosts, after: SynthesizedHosts): Record<string, string> {
  const common = before.ids().filter((id) => after.ids().includes(id));
  const changes = common.map((id) => {
    const names = Object.entries(before.byId(id).triggers).filter(
      ([name, value]) => after.byId(id).triggers[name] !== value,
    );
    return [id, names.map(([name]) => name).join(' ')];
  });
  return Object.fromEntries(changes.filter(([, names]) => names !== ''));
}

const steps = (ids: readonly string[], name: string) =>
  Object.fromEntries(ids.map((id) => [`${id}_${name}`, 'config']));
const all = ['storage9', 'server1', 'server2'];

test('another agent touches the storage host and the list of nodes, and no other host', () => {
  const before = cluster('storage9 server1 server2');
  expect(touched(before, cluster('storage9 server1 server2 agent1'))).toEqual({
    ...steps(['storage9'], 'firewall'),
    ...steps(['storage9'], 'nfs'),
    ...steps(['server1'], 'nodes'),
  });
});

test('an eleventh agent of ten touches the same two hosts', () => {
  const agents = Array.from({ length: 11 }, (_, n) => `agent${n + 1}`);
  const hosts = (count: number) => cluster(`storage9 server1 server2 ${agents.slice(0, count).join(' ')}`);
  const [before, after] = [hosts(10), hosts(11)];
  expect(touched(before, after)).toEqual({
    ...steps(['storage9'], 'firewall'),
    ...steps(['storage9'], 'nfs'),
    ...steps(['server1'], 'nodes'),
  });
  expect(after.ids().filter((id) => !before.ids().includes(id))).toEqual(
    ['firewall', 'k3s', 'k3s-binary', 'nfs-client', 'prepare'].map((step) => `agent11_${step}`),
  );
});

test('another server also touches the load balancers, and neither k3s nor Postgres of the others', () => {
  const before = cluster('storage9 server1 server2');
  expect(touched(before, cluster('storage9 server1 server2 server3'))).toEqual({
    ...steps(all, 'firewall'),
    ...steps(['storage9'], 'nfs'),
    ...steps(['server1', 'server2'], 'load-balancer'),
    ...steps(['server1'], 'nodes'),
  });
});

test('the second node of a cluster restarts nothing on the first', () => {
  const before = cluster('storage9 server1');
  expect(touched(before, cluster('storage9 server1 agent1'))).toEqual({
    ...steps(['storage9'], 'firewall'),
    ...steps(['storage9'], 'nfs'),
    ...steps(['server1'], 'nodes'),
  });
});

test('the first server leaves like any other: no k3s restarts', () => {
  const before = cluster('storage9 server1 server2 server3 agent1');
  const changed = Object.keys(touched(before, cluster('storage9 server2 server3 agent1')));
  expect(changed.filter((id) => /_(k3s|database)$/.test(id))).toEqual([]);
  expect(changed).toEqual(expect.arrayContaining(['server2_load-balancer', 'server3_load-balancer']));
});

test('a new machine behind an old name runs every step of its host again, and of no other', () => {
  const topology = topologyWith();
  const withKey = (key: string) =>
    new SynthesizedHosts({
      ...topology,
      ...Object.fromEntries(
        (['hosts', 'servers', 'agents', 'nodes'] as const).map((list) => [
          list,
          topology[list].map((host) =>
            host.name === 'agent1' ? { ...host, hostKey: `ssh-ed25519 ${key}` } : host,
          ),
        ]),
      ),
    });
  const [before, after] = [withKey('AAAA'), withKey('BBBB')];
  const changed = touched(before, after);
  expect(
    Object.keys(changed)
      .filter((id) => id.startsWith('agent1_'))
      .sort(),
  ).toEqual(before.ids().filter((id) => id.startsWith('agent1_')));
  expect(Object.keys(changed).filter((id) => !id.startsWith('agent1_'))).toEqual(['server1_nodes']);
  // What the old one left is removed first: order.programs.test.ts has the apply.
  expect(after.before('agent1_k3s')).toContain('server1_replaced-nodes');
});

test('another virtual IP restarts servers one by one for their certificates, then load balancers, then agents', () => {
  const before = cluster('storage9 server1 server2 agent1');
  const after = cluster('storage9 server1 server2 agent1', 'api: { address: 192.168.10.6 }');
  expect(touched(before, after)).toEqual({
    ...steps(['server1', 'server2', 'agent1'], 'k3s'),
    ...steps(['server1', 'server2'], 'load-balancer'),
  });
  expect(after.before('agent1_k3s')).toContain('server2_load-balancer');
  expect(after.before('server2_load-balancer')).toEqual(
    expect.arrayContaining(['server1_load-balancer', 'server2_k3s']),
  );
});

test('another port of the API restarts no server', () => {
  const before = cluster('storage9 server1 server2 agent1');
  const after = cluster('storage9 server1 server2 agent1', 'api: { address: 192.168.10.5, port: 8443 }');
  expect(touched(before, after)).toMatchObject({
    ...steps(['server1', 'server2'], 'load-balancer'),
    ...steps(['agent1'], 'k3s'),
  });
  expect(touched(before, after)).not.toHaveProperty('server1_k3s');
});
