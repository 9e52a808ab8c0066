import type { Config } from '../../src/config/config';
import { resolve } from '../../src/model/resolve';
import type { Host } from '../../src/model/topology';
import { nodeConfig } from '../../src/roles/k3s/node-config';
import { configOf, configOfFile } from '../support/config';

const reference = resolve(configOfFile('cluster.yaml'));
const names = (hosts: readonly Host[]) => hosts.map(({ name }) => name);

describe('the reference cluster', () => {
  test('hosts are grouped by role, in the order of the file', () => {
    expect(names(reference.databases)).toEqual(['storage1']);
    expect(names(reference.servers)).toEqual(['server1', 'server2', 'server3']);
    expect(names(reference.agents)).toEqual(['agent1', 'agent2']);
    expect(names(reference.nodes)).toEqual(['server1', 'server2', 'server3', 'agent1', 'agent2']);
    expect(names(reference.hosts)).toEqual(['storage1', ...names(reference.nodes)]);
  });

  test('a host is the same object everywhere', () => {
    expect(reference.servers[0]).toBe(reference.hosts[1]);
    expect(reference.nfs?.host).toBe(reference.databases[0]);
  });

  test('the API has the virtual IP, and haproxy the port that k3s leaves free', () => {
    expect(reference.api).toMatchObject({
      address: '192.168.10.5',
      port: 6443,
      url: 'https://192.168.10.5:6443',
      names: ['k3s.home.arpa'],
      loadBalancer: { virtualIp: '192.168.10.5', port: 6443, virtualRouterId: 5, backendPort: 7443 },
    });
    expect(reference.k3s.serverPort).toBe(7443);
  });

  test('networks have their defaults, and DNS the tenth service address', () => {
    expect(reference.network).toEqual({
      nodes: ['192.168.10.0/24'],
      pods: ['10.42.0.0/16'],
      services: ['10.43.0.0/16'],
      clusterDns: ['10.43.0.10'],
      dualStack: false,
    });
  });

  test('everything is frozen, to the bottom', () => {
    const visit = (value: unknown) => {
      if (typeof value !== 'object' || value === null) return;
      expect(Object.isFrozen(value)).toBe(true);
      Object.values(value).forEach(visit);
    };
    visit(reference);
  });

  test('the same config gives the same topology', () => {
    expect(resolve(configOfFile('cluster.yaml'))).toEqual(reference);
  });
});

describe('a single board', () => {
  const board = resolve(configOfFile('examples/single-board.yaml'));

  test('is database, NFS server and node in one', () => {
    expect(names(board.databases)).toEqual(['board1']);
    expect(names(board.nodes)).toEqual(['board1']);
    expect(board.nfs?.server).toBe('192.168.1.50');
  });

  test('has no load balancer: k3s has the public port itself', () => {
    expect(board.api).toMatchObject({ address: '192.168.1.50', url: 'https://192.168.1.50:6443' });
    expect(board.api.loadBalancer).toBeUndefined();
    expect(board.k3s.serverPort).toBe(6443);
  });
});

describe('dual stack', () => {
  const dual = resolve(configOfFile('examples/dual-stack.yaml'));

  test('every node has both addresses, the primary family first', () => {
    expect(dual.nodes.map(({ nodeIps }) => nodeIps)).toContainEqual(['192.168.10.21', 'fd00:10::21']);
    expect(dual.network).toMatchObject({ dualStack: true, clusterDns: ['10.43.0.10', 'fd00:43::a'] });
  });
});

describe('IPv6 only', () => {
  const six = resolve(
    configOf(`
name: six
ssh: { user: pi }
hosts:
  - { name: storage1, address: "fd00:10::10", roles: [database, nfs] }
  - { name: server1, address: "fd00:10::11", roles: [server] }
  - { name: server2, address: "fd00:10::12", roles: [server] }
api: { address: "fd00:10::5" }
k3s: { version: v1.36.2+k3s1 }
network: { pods: ["fd00:42::/56"], services: ["fd00:43::/112"] }
`),
  );

  test('addresses stand in brackets in URLs, and only there', () => {
    expect(six.api.url).toBe('https://[fd00:10::5]:6443');
    expect(six.database.endpoint).toBe('postgres://k3s@[fd00:10::10]:5432/k3s');
    expect(six.nodes.map((host) => nodeConfig(six, host)['node-ip'])).toContain('fd00:10::11');
    expect(six.nfs?.server).toBe('fd00:10::10');
  });

  test('the subnet of the hosts is a /64', () => {
    expect(six.network.nodes).toEqual(['fd00:10::/64']);
  });
});

/** The reference cluster with something else about it. */
function changed(change: Partial<Config>): ReturnType<typeof resolve> {
  return resolve({ ...configOfFile('cluster.yaml'), ...change });
}

describe('the address of the API', () => {
  const api = (settings: Partial<Config['api']>) => {
    const config = configOfFile('cluster.yaml');
    return resolve({ ...config, api: { ...config.api, ...settings } }).api.loadBalancer;
  };

  test.each([7443, 7444])('port %i is left to it: k3s and its kube-apiserver take others', (port) => {
    expect(api({ port })).toMatchObject({ port, backendPort: 9443 });
  });

  test.each([
    ['192.168.10.5', 5],
    ['192.168.10.254', 254],
    ['fd00::1:2ff', 255],
    ['fd00::100', 255],
  ])('%s gives the VRRP router id %i', (address, virtualRouterId) => {
    expect(api({ address })).toMatchObject({ virtualRouterId });
  });

  test('a router id of the file wins', () => {
    expect(api({ virtualRouterId: 77 })).toMatchObject({ virtualRouterId: 77 });
  });
});

describe('SSH', () => {
  const config = configOfFile('examples/air-gap.yaml');

  test('hosts without settings of their own share one object', () => {
    const { hosts } = resolve(config);
    expect(hosts[0]?.ssh).toBe(hosts[1]?.ssh);
    expect(hosts[0]?.ssh).toEqual({
      user: 'pi',
      port: 22,
      bastion: { address: '203.0.113.10', port: 22, user: 'jump' },
    });
  });

  test("a host's own settings take precedence, the rest comes from the defaults", () => {
    const [first, ...others] = config.hosts;
    if (!first) throw new Error('no host');
    const { hosts } = resolve({
      ...config,
      ssh: { ...config.ssh, privateKey: '~/.ssh/id' },
      hosts: [{ ...first, ssh: { user: 'root', port: 2222 } }, ...others],
    });
    expect(hosts[0]?.ssh).toEqual({
      user: 'root',
      port: 2222,
      privateKey: '~/.ssh/id',
      bastion: { address: '203.0.113.10', port: 22, user: 'jump', privateKey: '~/.ssh/id' },
    });
  });
});

test.each([
  [1, 2, 1],
  [3, 2, 3],
  ['50%', 2, 1],
  ['10%', 2, 1],
  ['100%', 2, 2],
])('of %s agents that may restart at once, %i agents make %i', (maxUnavailable, agents, expected) => {
  const config = configOfFile('cluster.yaml');
  const topology = changed({ k3s: { ...config.k3s, maxUnavailable } });
  expect(topology.agents).toHaveLength(agents);
  expect(topology.k3s.maxUnavailable).toBe(expected);
});

test('without an NFS host there is no NFS server, and k3s keeps its own storage', () => {
  const config = configOfFile('cluster.yaml');
  const topology = changed({
    hosts: config.hosts.map((host) => ({ ...host, roles: host.roles.filter((role) => role !== 'nfs') })),
  });
  expect(topology.nfs).toBeUndefined();
  for (const host of topology.servers) expect(nodeConfig(topology, host).disable).toEqual(['servicelb']);
});
