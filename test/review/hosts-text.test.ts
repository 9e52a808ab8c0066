import { readFileSync } from 'node:fs';
import { parseConfig } from '../../src/config/load';
import { KnownHosts } from '../../src/model/known-hosts';
import { resolve } from '../../src/model/resolve';
import type { HostKeys } from '../../src/model/ssh';
import type { FileTree } from '../../src/output/file-tree';
import { outages } from '../../src/roles/outages';
import { synth } from '../../src/synth';
import { tableRows } from '../support/markdown';

const reference = readFileSync('cluster.yaml', 'utf8');

function textOf(yaml: string, keys?: HostKeys): FileTree {
  const { config, issues } = parseConfig(yaml, 'cluster.yaml');
  if (!config) throw new Error(issues.map(({ message }) => message).join('\n'));
  return synth(resolve(config, keys)).text;
}

const before = textOf(reference);

/** Lines that an edit of cluster.yaml adds and removes, with the file that they are in. */
function changedLines(from: string | RegExp, to: string): string[] {
  const edited = reference.replace(from, to);
  expect(edited).not.toBe(reference);
  const after = textOf(edited);
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return paths.flatMap((path) => {
    const [old, now] = [before, after].map((tree) => (tree.get(path) ?? '').split('\n'));
    return [
      ...(old ?? []).filter((line) => !now?.includes(line)).map((line) => `${path} - ${line.trim()}`),
      ...(now ?? []).filter((line) => !old?.includes(line)).map((line) => `${path} + ${line.trim()}`),
    ];
  });
}

test('a new agent is one line of its page, and what others must know about it', () => {
  const added = '$&\n  - { name: agent3, address: 192.168.10.23, roles: [agent] }';
  expect(changedLines(/^ {2}- { name: agent2.*/m, added)).toEqual([
    'agent.txt + agent3  pi@192.168.10.23',
    'files/firewall/firewalld.ipsets.k3s-cdk-nodes4.xml + <entry>192.168.10.23</entry>',
    expect.stringMatching(
      /^files\/firewall\/storage1\/nftables\.rules - .* 192\.168\.10\.22 } tcp dport { 2049 } accept$/,
    ),
    expect.stringMatching(
      /^files\/firewall\/storage1\/nftables\.rules \+ .* 192\.168\.10\.23 } tcp dport { 2049 } accept$/,
    ),
    'files/firewall/storage1/ufw-before.rules + -A ufw-before-input -s 192.168.10.23 -p tcp -m multiport --dports 2049 -j ACCEPT',
    expect.stringMatching(/^files\/nfs\/k3s-cdk\.exports - 192\.168\.10\.22\([^ ]*\)$/),
    expect.stringMatching(/^files\/nfs\/k3s-cdk\.exports \+ 192\.168\.10\.22\([^ ]*\) \\$/),
    expect.stringMatching(/^files\/nfs\/k3s-cdk\.exports \+ 192\.168\.10\.23\([^ ]*\)$/),
    'files/nodes/nodes + agent3 <machine> - -',
    'server.txt - after k3s on server3, agent1, agent2',
    'server.txt + after k3s on server3, agent[1-3]',
  ]);
});

test.each([
  [
    'a setting of haproxy',
    '  # port: 6443',
    '  idleTimeout: 1h',
    ['hard-stop-after', 'timeout client', 'timeout server'].flatMap((name) =>
      ['- {} 4h', '+ {} 1h'].map((line) => `files/load-balancer/haproxy.cfg ${line.replace('{}', name)}`),
    ),
  ],
  [
    'a setting of Postgres',
    /^# database: .*/m,
    'database: { settings: { work_mem: 8MB } }',
    [
      "files/database/postgresql.conf - work_mem = '4MB'",
      "files/database/postgresql.conf + work_mem = '8MB'",
    ],
  ],
  [
    'a label',
    '192.168.10.22, roles: [agent]',
    '192.168.10.22, roles: [agent], labels: { disk: ssd }',
    [
      'agent.txt + registration.yaml  ← agent2',
      'agent.txt + | node-label: ["disk=ssd"]',
      'files/nodes/nodes - agent2 <machine> - -',
      'files/nodes/nodes + agent2 <machine> disk=ssd -',
    ],
  ],
  [
    'k3s configuration of one host',
    '192.168.10.22, roles: [agent]',
    '192.168.10.22, roles: [agent], config: { kubelet-arg: [max-pods=50] }',
    ['agent.txt + | kubelet-arg: ["max-pods=50"]  ← agent2'],
  ],
  [
    'a release of k3s',
    'v1.36.5+k3s1',
    'v1.36.6+k3s1',
    ['agent.txt', 'server.txt'].flatMap((page) => [
      `${page} - RELEASE='https://github.com/k3s-io/k3s/releases/download/v1.36.5%2Bk3s1'`,
      `${page} - VERSION='v1.36.5+k3s1'`,
      `${page} - VERSION='v1.36.5+k3s1'`,
      `${page} + RELEASE='https://github.com/k3s-io/k3s/releases/download/v1.36.6%2Bk3s1'`,
      `${page} + VERSION='v1.36.6+k3s1'`,
      `${page} + VERSION='v1.36.6+k3s1'`,
    ]),
  ],
  ['a pool of MetalLB, which is no matter of hosts', '192.168.10.220', '192.168.10.219', []],
] as const)('%s is the lines that a reviewer expects', (_, from, to, lines) => {
  const byName = (list: readonly string[]) => [...list].sort();
  expect(byName(changedLines(from, to))).toEqual(byName(lines));
});

test('nothing in it is from known_hosts, which a clone may lack', () => {
  const keys = new KnownHosts('192.168.10.* ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFvA\n');
  expect(textOf(reference, keys)).toEqual(before);
});

test('three hundred hosts need no more than a line each wherever all are listed', () => {
  const agents = [
    '- { name: "agent[001-220]", address: "192.168.10.[20-239]", roles: [agent] }',
    '- { name: "pi[01-74]", address: "192.168.11.[101-174]", roles: [agent], labels: { kind: pi } }',
  ].join('\n  ');
  const many = textOf(
    reference
      .replace(/^ {2}- { name: agent1.*\n {2}- { name: agent2.*/m, `  ${agents}`)
      .replace('192.168.10.200-192.168.10.220', '192.168.10.240-192.168.10.250')
      .replace(/^# network:\n.*/m, 'network:\n  nodes: [192.168.10.0/23]'),
  );
  const size = (tree: FileTree) => [...tree.values()].join('').split('\n').length;
  expect([...many.keys()].map((path) => path.replace('agent001', 'agent1'))).toEqual([...before.keys()]);
  expect(size(many) - size(before)).toBeLessThan(7 * 292);
  expect(many.get('agent.txt')).toMatch(
    /\n {4}registration\.yaml {2}← pi\[01-74\]\n {8}\| node-label: \["kind=pi"\]\n/,
  );
});

test('a host that is called like a word of the text is not read into it', () => {
  const page = textOf(reference.replaceAll('name: agent1', 'name: agent')).get('agent.txt') ?? '';
  expect(page).toContain("        COMMAND='agent'\n");
  expect(page).toContain('        | node-name: "<host>"\n');
});

test('outages to expect are those that were measured', () => {
  const rows = ['changes', 'database'].flatMap((page) =>
    tableRows(readFileSync(`docs/measurements/${page}.md`, 'utf8')),
  );
  const measured = new Map(rows.map(([what = '', longest = '']) => [what, longest]));
  for (const [what, longest] of Object.entries(outages))
    expect([what, measured.get(what)]).toEqual([what, longest]);
});
