import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diffCommand } from '../../src/commands/diff/diff';
import { parseConfig } from '../../src/config/load';
import { resolve } from '../../src/model/resolve';
import { effectsOf } from '../../src/roles/roles';
import { synth } from '../../src/synth';
import { everyField } from '../support/every-field';
import { examples, topologyOf } from '../support/examples';
import { RecordingTerminal } from '../support/recording-terminal';
import { scratchFolders } from '../support/scratch';

const scratch = scratchFolders();
const reference = readFileSync('cluster.yaml', 'utf8');

/** What `diff old.yaml new.yaml` says. */
async function diff(old: string, now: string, format: 'text' | 'markdown' = 'text', knownHosts?: string) {
  const folder = scratch();
  const terminal = new RecordingTerminal(folder);
  const [from, to] = [join(folder, 'old.yaml'), join(folder, 'new.yaml')];
  writeFileSync(from, old);
  writeFileSync(to, now);
  if (knownHosts !== undefined) writeFileSync(join(folder, 'known_hosts'), knownHosts);
  const options = { file: 'cluster.yaml', from, to, format };
  const exitCode = await diffCommand(options, { environment: {} }, terminal);
  return { exitCode, printed: terminal.printed, errors: terminal.errors, reported: terminal.reported };
}

function edited(from: string | RegExp, to: string, text = reference): string {
  const after = text.replace(from, to);
  expect(after).not.toBe(text);
  return after;
}

const care = (printed: readonly string[]) =>
  printed[0] === 'needs care:' ? printed.slice(1, printed.indexOf('hosts:')).map((line) => line.trim()) : [];

test('two files that mean the same change nothing', async () => {
  const { exitCode, printed } = await diff(reference, `# a comment\n${reference}`);
  expect(exitCode).toBe(0);
  expect(printed).toEqual(['hosts:', '  nothing changes', 'cluster:', '  nothing changes']);
});

test('a new agent and another pool are what runs on it, what others learn of it, and objects', async () => {
  const agent = '$&\n  - { name: agent3, address: 192.168.10.23, roles: [agent] }';
  const pool = '192.168.10.210] }\n    - { name: extra, addresses: [192.168.10.230-192.168.10.240] }';
  const after = edited(/^ {2}- { name: agent2.*/m, agent, edited('192.168.10.220] }', pool));
  const { exitCode, printed, reported } = await diff(reference, after);
  expect(exitCode).toBe(3);
  expect(care(printed)).toEqual([]);
  expect(printed).toContain('  agent3 is new: prepare, firewall, nfs-client, k3s-binary, k3s');
  expect(printed.filter((line) => /^ {2}\S/.test(line))).toEqual([
    '  agent3 is new: prepare, firewall, nfs-client, k3s-binary, k3s',
    '  firewall on storage1',
    '  nfs on storage1',
    '  nodes on server1',
    '  changes IPAddressPool metallb-system/lan',
    '  new     IPAddressPool metallb-system/extra',
  ]);
  expect(printed).toEqual(
    expect.arrayContaining([
      '      - spec.addresses: 192.168.10.200-192.168.10.220',
      '      + spec.addresses: 192.168.10.200-192.168.10.210',
      '        + agent3 <machine> - -',
    ]),
  );
  expect(Object.assign({}, ...reported)).toMatchObject({
    ...{ from: 'old.yaml', to: 'new.yaml', care: [] },
    hosts: { joining: ['agent3'], leaving: [], dropped: [] },
    effects: expect.arrayContaining([
      { step: 'nfs on storage1', does: 'the exports are read again; mounts stay' },
    ]),
    cluster: {
      objects: [
        { object: 'IPAddressPool metallb-system/lan', change: 'configured', fields: expect.any(Array) },
        { object: 'IPAddressPool metallb-system/extra', change: 'created', fields: [] },
      ],
    },
  });
});

test.each([
  [
    'a release of k3s over a minor version',
    'v1.36.5+k3s1',
    'v1.37.0+k3s1',
    [/^k3s goes from v1\.36\.5\+k3s1 to v1\.37\.0\+k3s1, over a minor version/],
    'k3s restarts with the new release, one server at a time, drained first; expected outage of the API: 420 ms',
  ],
  [
    'a release that skips one',
    'v1.36.5+k3s1',
    'v1.38.0+k3s1',
    [/skips a minor version: deploy refuses that/],
    '',
  ],
  ['an older release', 'v1.36.5+k3s1', 'v1.36.4+k3s1', [/an older release: deploy refuses that/], ''],
  [
    'a release of the same minor version',
    'v1.36.5+k3s1',
    'v1.36.6+k3s2',
    [],
    'k3s restarts with the new release',
  ],
  [
    'a setting that Postgres restarts for',
    /^# database: .*/m,
    'database: { settings: { shared_buffers: 256MB } }',
    [/^database on storage1: Postgres restarts; the API does not answer meanwhile$/],
    "+ shared_buffers = '256MB'",
  ],
  [
    'a setting that it reads again',
    /^# database: .*/m,
    'database: { settings: { work_mem: 8MB } }',
    [],
    'Postgres reads its configuration again; nothing restarts',
  ],
  [
    'a new major version of Postgres',
    /^# database: .*/m,
    'database: { image: "docker.io/library/postgres:18" }',
    [
      /^Postgres goes from 17 to 18: .*9 s and 17 s/,
      /^database on storage1: Postgres restarts with another image/,
    ],
    "+ IMAGE='docker.io/library/postgres:18'",
  ],
  [
    'another virtual IP',
    'address: 192.168.10.5\n',
    'address: 192.168.10.6\n',
    [
      /^the API moves from https:\/\/192\.168\.10\.5:6443 to https:\/\/192\.168\.10\.6:6443/,
      /^load-balancer on server\[1-3\]: the API gets another address/,
    ],
    'expected outage of the API: none: both answer for 46 s',
  ],
  [
    'a server that leaves',
    /^.*name: server3.*\n/m,
    '',
    [/^server3 leaves, which is a server: 2 of 3 remain$/],
    'server3 leaves the cluster: its node is drained and deleted',
  ],
  [
    'an agent that leaves',
    /^.*name: agent2.*\n/m,
    '',
    [/^agent2 leaves: its pods start again on other nodes/],
    'agent2 leaves the cluster',
  ],
  [
    'a network that stays as it is',
    /^# network:\n.*\n# {3}pods: .*/m,
    'network:\n  pods: [10.52.0.0/16]',
    [/^'network\.pods' changes from 10\.42\.0\.0\/16 to 10\.52\.0\.0\/16: deploy refuses that/],
    'k3s restarts',
  ],
  [
    'a role with data on another host',
    /roles: \[database, nfs\]([\s\S]*?name: agent2, address: [\d.]+, roles: \[agent)/,
    'roles: [nfs]$1, database',
    [/^the role 'database' moves away from storage1, and its data does not: deploy refuses that/],
    "storage1 no longer has the step 'database'",
  ],
  [
    'an add-on that goes, with its namespace',
    /^metallb:\n(?: .*\n)+/m,
    '',
    [/^Namespace metallb-system is deleted: everything in it is deleted/],
    'goes    Namespace metallb-system',
  ],
  [
    'another user',
    'user: pi ',
    'user: ubuntu ',
    [],
    'no step runs: what changes is how Terraform reaches hosts',
  ],
] as const)('%s: what needs care, and what it does', async (_, from, to, expected, said) => {
  const { exitCode, printed } = await diff(reference, edited(from, to));
  expect(exitCode).toBe(3);
  const found = care(printed);
  for (const [index, pattern] of expected.entries()) expect(found[index]).toMatch(pattern);
  if (expected.length === 0) expect(found).toEqual([]);
  expect(printed.join('\n')).toContain(said);
});

test('on a single server the API does not answer while k3s restarts, which needs care', async () => {
  const single = readFileSync('examples/single-board.yaml', 'utf8');
  const { printed } = await diff(single, edited('v1.36.5+k3s1', 'v1.36.6+k3s1', single));
  expect(care(printed)).toEqual([
    expect.stringMatching(
      /^k3s on \w+: k3s restarts with the new release; the API does not answer meanwhile$/,
    ),
  ]);
});

test('a new machine under an old name is told from git, where both versions have host keys', async () => {
  const keys = '192.168.10.* ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFvA\n';
  const { exitCode } = await diff(reference, reference, 'text', keys);
  expect(exitCode).toBe(0);
});

test('a file with errors is named, and nothing is compared', async () => {
  const { exitCode, printed, errors } = await diff(edited('roles: [server]', 'roles: [sever]'), reference);
  expect({ exitCode, printed }).toEqual({ exitCode: 1, printed: [] });
  expect(errors[0]).toContain('old.yaml:');
  expect(errors.at(-1)).toBe('error: old.yaml cannot be compared, because of what is wrong with it');
});

test('in Markdown, what somebody has written into cluster.yaml ends no block and mentions nobody', async () => {
  const manifest = (data: string) =>
    `${reference}manifests:\n  - apiVersion: v1\n    kind: ConfigMap\n    metadata: { name: x, namespace: default }\n    data: { a: ${JSON.stringify(data)} }\n`;
  const { printed } = await diff(
    manifest('old'),
    manifest('```\n\n# owned @everyone <img src=x>'),
    'markdown',
  );
  const [text = ''] = printed;
  expect(text).toContain('### What this does to `homelab`');
  expect(text).toContain(
    '  ````diff\n  - data.a: old\n  + data.a: ```⏎⏎# owned @everyone <img src=x>\n  ````',
  );
});

/** The reference cluster with the files that the benchmark wants. */
function hardened() {
  const { config } = parseConfig(edited('  # hardening: cis', '  hardening: cis'), 'cluster.yaml');
  if (!config) throw new Error('the hardened cluster is not valid');
  return resolve(config);
}

test('every effect is of something that its step has somewhere, so that it is never forgotten', () => {
  const clusters = [
    ...examples.map(([, file]) => topologyOf(file)),
    ...(['one-database', 'two-databases'] as const).map(everyField),
    hardened(),
  ];
  const known = new Set<string>();
  const named = new Set<string>();
  for (const topology of clusters)
    for (const { host: name, step, files, triggers } of synth(topology).steps) {
      const host = topology.hosts.find((each) => each.name === name);
      if (!host) continue;
      for (const { of, unless = [] } of effectsOf(host, step, topology))
        for (const input of [...of, ...unless]) named.add(`${step} ${input}`);
      const parameters = [...(files['step.env'] ?? '').matchAll(/^(\w+)=/gm)].map(
        ([, parameter]) => parameter,
      );
      for (const input of [...Object.keys(files), ...Object.keys(triggers), ...parameters])
        known.add(`${step} ${input}`);
    }
  expect([...named].filter((input) => !known.has(input))).toEqual([]);
});

test('an external database that is left is said, and a move to another of its addresses too', async () => {
  const external = readFileSync('examples/external-database.yaml', 'utf8');
  const moved = edited('[db1.example.net, db2.example.net]', '[db3.example.net]', external);
  const { printed } = await diff(external, moved);
  expect(care(printed)).toContainEqual(
    'k3s leaves the external database k3s at db1.example.net:5432, db2.example.net:5432 for k3s at db3.example.net:5432, and its data stays there: deploy refuses an empty one until the data has been moved',
  );
});
