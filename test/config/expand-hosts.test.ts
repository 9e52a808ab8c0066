import { parseConfig } from '../../src/config/load';
import { resolve } from '../../src/model/resolve';
import { processorTime } from '../support/processor-time';

function cluster(hosts: string, groups = ''): string {
  return `name: homelab
ssh: { user: pi }
${groups}hosts:
  - { name: server1, address: 192.168.10.11, roles: [database, server] }
${hosts}k3s: { version: v1.36.5+k3s1 }
`;
}

function hostsOf(text: string) {
  const { config, issues } = parseConfig(text, 'cluster.yaml');
  expect(issues).toEqual([]);
  return config?.hosts ?? [];
}

describe('ranges', () => {
  test('an entry stands for as many hosts as its range has numbers, in its place in the list', () => {
    const hosts = hostsOf(
      cluster(`  - name: agent[08-11]
    address: 192.168.10.[108-111]
    roles: [agent]
    labels: { tier: work }
  - { name: last, address: 192.168.10.120, roles: [agent] }
`),
    );
    expect(hosts.map(({ name, address }) => `${name} ${address}`)).toEqual([
      'server1 192.168.10.11',
      'agent08 192.168.10.108',
      'agent09 192.168.10.109',
      'agent10 192.168.10.110',
      'agent11 192.168.10.111',
      'last 192.168.10.120',
    ]);
    expect(hosts[3]).toMatchObject({ roles: ['agent'], labels: { tier: 'work' } });
  });

  test('numbers without zeros before them are not padded, and text may follow', () => {
    const hosts = hostsOf(
      cluster(`  - { name: "rack[9-10]-agent", address: "192.168.10.[9-10]", roles: [agent] }\n`),
    );
    expect(hosts.slice(1).map(({ name, address }) => `${name} ${address}`)).toEqual([
      'rack9-agent 192.168.10.9',
      'rack10-agent 192.168.10.10',
    ]);
  });

  test('the addresses of nodes count along, of both families', () => {
    const hosts = hostsOf(
      cluster(`  - name: agent[1-2]
    address: agent[1-2].example.net
    nodeIps: ["192.168.10.[21-22]", "fd00::[21-22]"]
    roles: [agent]
`),
    );
    expect(hosts[2]).toMatchObject({
      name: 'agent2',
      address: 'agent2.example.net',
      nodeIps: ['192.168.10.22', 'fd00::22'],
    });
  });
});

describe('groups', () => {
  const groups = `groups:
  agents:
    roles: [agent]
    zone: rack1
    labels: { tier: work, disk: ssd }
    taints: ["slow=true:PreferNoSchedule"]
    config: { kubelet-arg: [max-pods=50] }
    ssh: { port: 2222, bastion: { address: gw.example.net, user: jump, privateKey: keys/gw } }
`;

  test('a host has what its group says', () => {
    const hosts = hostsOf(
      cluster('  - { name: "agent[1-2]", address: "192.168.10.[21-22]", group: agents }\n', groups),
    );
    for (const host of hosts.slice(1)) {
      expect(host).toMatchObject({
        roles: ['agent'],
        zone: 'rack1',
        labels: { tier: 'work', disk: 'ssd' },
        taints: ['slow=true:PreferNoSchedule'],
        config: { 'kubelet-arg': ['max-pods=50'] },
        ssh: { port: 2222, bastion: { address: 'gw.example.net', privateKey: 'keys/gw' } },
      });
    }
    expect(hosts[0]).toMatchObject({ labels: {}, taints: [] });
  });

  test('what it says itself wins: values and lists are replaced, labels, config and ssh are merged', () => {
    const [, host] = hostsOf(
      cluster(
        `  - name: agent1
    address: 192.168.10.1
    group: agents
    zone: rack2
    labels: { tier: spare }
    taints: []
    config: { resolv-conf: /etc/resolv.k3s }
    ssh: { bastion: { address: gw2.example.net, user: other } }
`,
        groups,
      ),
    );
    expect(host).toMatchObject({ zone: 'rack2', taints: [] });
    expect(host?.labels).toEqual({ tier: 'spare', disk: 'ssd' });
    expect(host?.config).toEqual({ 'kubelet-arg': ['max-pods=50'], 'resolv-conf': '/etc/resolv.k3s' });
    // The key of another machine would not open it.
    expect(host?.ssh).toEqual({
      port: 2222,
      bastion: { address: 'gw2.example.net', user: 'other', port: 22 },
    });
  });
});

describe('positions', () => {
  test('an issue is where its entry or group is written, and names the host', () => {
    const { issues } = parseConfig(
      cluster(
        `  - { name: "agent[1-3]", address: "192.168.10.[254-256]", group: agents }
  - { name: agent2, address: 192.168.10.30, group: agents, taints: [] }
`,
        'groups:\n  agents: { roles: [agent], taints: [slow] }\n',
      ),
      'cluster.yaml',
    );
    expect(issues.map(({ line, column, path, host }) => ({ line, column, path, host }))).toEqual([
      { line: 4, column: 38, path: 'groups.agents.taints[0]', host: 'agent1' },
      { line: 7, column: 36, path: 'hosts[1].address', host: 'agent3' },
      { line: 7, column: 36, path: 'hosts[1].address', host: 'agent2' },
      { line: 8, column: 13, path: 'hosts[2].name', host: undefined },
    ]);
    expect(issues[1]?.message).toBe(
      "'192.168.10.256' is not an IP address: it has four numbers from 0 to 255 (for 'agent3')",
    );
  });

  test('what all hosts of an entry have in common is said once, and of none', () => {
    const { issues } = parseConfig(
      cluster('  - { name: "agent[1-3]", address: "192.168.10.[21-23]", roles: [agnet], foo: 1 }\n'),
      'cluster.yaml',
    );
    expect(issues.map(({ path, message, host }) => [path, message, host])).toEqual([
      [
        'hosts[1].roles[0]',
        "'agnet' is not allowed here: write 'database', 'nfs', 'server' or 'agent'",
        undefined,
      ],
      ['hosts[1].foo', "unknown key 'foo' in hosts[1]", undefined],
    ]);
  });

  test('an entry after a range keeps its own index', () => {
    const { issues } = parseConfig(
      cluster(`  - { name: "agent[21-50]", address: "192.168.10.[21-50]", roles: [agent] }
  - { name: last, address: 192.168.10.99, roles: [agent], adress: x }
`),
      'cluster.yaml',
    );
    expect(issues).toMatchObject([
      { line: 6, path: 'hosts[2].adress', message: "unknown key 'adress' in hosts[2]" },
    ]);
  });

  test('anchors and merge keys are followed in entries and groups', () => {
    const { issues } = parseConfig(
      cluster(
        `  - { <<: *base, name: "agent[1-2]", address: "192.168.10.[21-22]", group: agents }\n`,
        'groups:\n  agents: &base { roles: [agent], zone: "-" }\n',
      ),
      'cluster.yaml',
    );
    expect(issues).toMatchObject([{ line: 4, column: 41 }]);
  });
});

test('patterns mean the same cluster as its hosts written out', () => {
  const topology = (text: string) => {
    const { config } = parseConfig(text, 'cluster.yaml');
    return config && resolve(config);
  };
  const short = topology(
    cluster(
      '  - { name: "agent[1-2]", address: "192.168.10.[21-22]", group: a, labels: { own: "1" } }\n',
      'groups: { a: { roles: [agent], zone: rack1, labels: { tier: work }, ssh: { port: 2222 } } }\n',
    ),
  );
  const rest = 'roles: [agent], zone: rack1, labels: { tier: work, own: "1" }, ssh: { port: 2222 }';
  expect(short).toBeDefined();
  expect(short).toEqual(
    topology(
      cluster(`  - { name: agent1, address: 192.168.10.21, ${rest} }
  - { name: agent2, address: 192.168.10.22, ${rest} }
`),
    ),
  );
});

test('a thousand hosts take no longer to check as one entry than written out', () => {
  const head = `name: large
ssh: { user: pi }
network: { nodes: [fd00::/64], pods: ["fd01::/48"], services: ["fd02::/112"] }
k3s: { version: v1.36.5+k3s1 }
groups: { agents: { roles: [agent], labels: { tier: work } } }
hosts:
  - { name: server1, address: "fd00::1:1", roles: [database, server] }
`;
  const written = Array.from(
    { length: 1000 },
    (_, n) =>
      `  - { name: agent${1000 + n}, address: "fd00::${1000 + n}", roles: [agent], labels: { tier: work } }\n`,
  ).join('');
  const range = '  - { name: "agent[1000-1999]", address: "fd00::[1000-1999]", group: agents }\n';
  const check = (text: string) => {
    const { config, issues } = parseConfig(text, 'cluster.yaml');
    expect(issues).toEqual([]);
    expect(config?.hosts).toHaveLength(1001);
  };
  check(head + written);
  check(head + range);
  expect(processorTime(() => check(head + range))).toBeLessThan(
    1.5 * processorTime(() => check(head + written)),
  );
});
