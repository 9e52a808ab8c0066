import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ensureCluster } from '../../../src/commands/new-cluster/ensure';
import type { ClusterFlags } from '../../../src/commands/new-cluster/flags';
import { gather, type LocalEnvironment } from '../../../src/commands/new-cluster/gather';
import type { Question } from '../../../src/commands/new-cluster/prompter';
import { loadConfig, parseConfig } from '../../../src/config/load';
import { k3sVersion } from '../../../src/config/pinned-releases';
import { configOfFile } from '../../support/config';
import { RecordingTerminal } from '../../support/recording-terminal';
import { scratchFolders } from '../../support/scratch';

const scratch = scratchFolders();

interface Setting extends Partial<Omit<LocalEnvironment, 'prompter' | 'folderName'>> {
  readonly folder?: string;
  /** Answers in turn, as on a terminal; undefined is Ctrl-C. Without it, there is no terminal. */
  readonly answers?: readonly (string | undefined)[];
  /** Folder of the program; undefined where it is one file. */
  readonly program?: string | undefined;
}

async function create(flags: Partial<ClusterFlags>, setting: Setting = {}) {
  const { folder = join(scratch(), 'lab'), answers, ...here } = setting;
  const program = 'program' in setting ? setting.program : process.cwd();
  const file = join(folder, 'cluster.yaml');
  const terminal = new RecordingTerminal(folder);
  const questions: string[] = [];
  const left = [...(answers ?? [])];
  const ask = async ({ message, initial, check }: Question) => {
    questions.push(message);
    const answer = left.shift();
    const given = answer === '' ? (initial ?? '') : answer;
    expect(given === undefined ? undefined : check(given)).toBeUndefined();
    return given;
  };
  const environment = {
    localUser: 'ada',
    sshKey: { kind: 'file', path: '~/.ssh/id_ed25519' } as const,
    ...here,
    prompter: answers && { ask },
  };
  const done = await ensureCluster(
    file,
    { server: [], agent: [], pool: [], ...flags },
    {
      files: { folder: program, text: (path) => readFileSync(join(program ?? '.', path), 'utf8') },
      environment,
    },
    terminal,
  );
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return { done, folder, file, text, questions, printed: terminal.printed, errors: terminal.errors };
}

const pair = { database: '10.0.0.10', server: ['10.0.0.11', '10.0.0.12'], vip: '10.0.0.5' };

/** What validate says about a text; nothing about any of these. */
function findings(text: string): string[] {
  return parseConfig(text, 'cluster.yaml').issues.map(({ message }) => message);
}

test('addresses alone make a file that validate has nothing to say about', async () => {
  const { done, text, printed, errors } = await create({ ...pair, agent: ['10.0.0.21', 'big=10.0.0.22'] });
  expect({ done, errors }).toEqual({ done: true, errors: [] });
  expect(findings(text)).toEqual([]);
  const { config } = parseConfig(text, 'cluster.yaml');
  expect(config?.hosts.map(({ name, address, roles }) => `${name} ${address} ${roles}`)).toEqual([
    'storage1 10.0.0.10 database,nfs',
    'server1 10.0.0.11 server',
    'server2 10.0.0.12 server',
    'agent1 10.0.0.21 agent',
    'big 10.0.0.22 agent',
  ]);
  expect(printed).toEqual([
    'created  cluster.yaml: storage1, server1, server2, agent1, big',
    "assumed: its name is 'lab', as the folder's",
    "assumed: the user on the hosts is 'ada': name another with --user",
    'assumed: files of the pods (NFS) are on 10.0.0.10 too: another with --nfs, or --nfs none',
    'assumed: the hosts are in 10.0.0.0/24: if that is not your subnet, set network.nodes',
    'assumed: the key for the hosts is ~/.ssh/id_ed25519: another with --ssh-key',
    'open: addresses for services of type LoadBalancer: see metallb in the file',
  ]);
});

test('a new cluster encrypts Secrets from its first start on, which a running one cannot begin with', async () => {
  const { config } = parseConfig((await create(pair)).text, 'cluster.yaml');
  expect(config?.k3s.config).toEqual({ 'secrets-encryption': true });
});

test('one server is a whole cluster on one machine', async () => {
  const { text } = await create({ server: ['192.168.1.50'], nfs: 'none' });
  expect(findings(text)).toEqual([]);
  const { config } = parseConfig(text, 'cluster.yaml');
  expect(config?.hosts).toMatchObject([{ name: 'server1', roles: ['database', 'server'] }]);
  expect(config?.api.address).toBeUndefined();
});

test('what is proposed in comments fits the cluster, and is taken by taking the # off', async () => {
  const { text } = await create(pair);
  expect(text).toContain('None of the hosts above is in this range, but only you know whether it is free');
  const uncommented = text
    .replace(/^# (metallb:| {2}pools:| {4}- \{ name: lan)/gm, '$1')
    .replace(/^( *)# (disks:| {2}- \{ device)/gm, '$1$2');
  expect(uncommented).not.toBe(text);
  expect(findings(uncommented)).toEqual([]);
  expect(parseConfig(uncommented, '').config?.metallb?.pools[0]?.addresses).toEqual([
    '10.0.0.200-10.0.0.220',
  ]);
});

test('no range is proposed that has a host in it', async () => {
  const { text } = await create({ ...pair, agent: ['10.0.0.210', '10.0.0.230'] });
  expect(text).toContain('addresses: [10.0.0.180-10.0.0.200]');
});

const six = {
  database: 'fd00::10',
  server: ['fd00::11', 'fd00::12'],
  vip: 'fd00::5',
  pool: ['fd00::200-fd00::210'],
};

test.each<[string, Partial<ClusterFlags>]>([
  ['IPv6', six],
  ['a name that YAML takes for a number', { ...pair, name: '123' }],
  ['a name that YAML takes for a truth value', { ...pair, name: 'on' }],
  ['a user with a dot', { ...pair, user: 'ada.l' }],
  ['a key in a folder with a space', { ...pair, sshKey: '~/my keys/id' }],
])('what is given survives being written: %s', async (_, flags) => {
  const { text, errors } = await create(flags);
  expect(errors).toEqual([]);
  expect(findings(text)).toEqual([]);
  const { config } = parseConfig(text, 'cluster.yaml');
  expect({ ...config, ...config?.ssh }).toMatchObject({
    ...(flags.name !== undefined && { name: flags.name }),
    ...(flags.user !== undefined && { user: flags.user }),
    ...(flags.sshKey !== undefined && { privateKey: flags.sshKey }),
  });
});

test('without a terminal, everything that is missing is said at once and nothing is written', async () => {
  const { done, errors, folder } = await create({ server: ['10.0.0.11', '10.0.0.12'] });
  expect(done).toBe(false);
  expect(errors).toEqual([
    "error: which host keeps the state in Postgres? Name it with '--database ADDRESS', best one with an SSD",
    'nothing was written',
  ]);
  expect((await create({ server: pair.server, database: pair.database })).errors[0]).toBe(
    "error: several servers need a virtual IP: name an address of their subnet with '--vip ADDRESS', such as 10.0.0.5 if no machine has it and the router does not give it out",
  );
  expect((await create({ agent: ['10.0.0.21'] })).errors[0]).toContain("'--server ADDRESS'");
  expect(existsSync(folder)).toBe(false);
});

test('every wrong option is said in a sentence, all at once', async () => {
  const { errors } = await create({
    name: 'Home Lab',
    server: ['10.0.0.300', '10.0.0.11', 'x_y=10.0.0.12', '10.0.0.11'],
    agent: ['pi.local', '10.0.0.11'],
    vip: '10.0.0.5/24',
    pool: ['10.0.0.9'],
  });
  expect(errors).toEqual([
    "error: name of the cluster: 'Home Lab' is not a DNS label: use at most 63 lower case letters, digits and '-', a letter or digit first and last, such as 'home-lab'",
    "error: --server: '10.0.0.300' is not an IP address: it has four numbers from 0 to 255",
    "error: --server: 'x_y' is not a DNS label: use at most 63 lower case letters, digits and '-', a letter or digit first and last",
    "error: --agent: 'pi.local' is not an IP address: write it like 192.168.10.11 or fd00::11",
    "error: --vip: '10.0.0.5/24' is not an IP address but a network: leave out the '/' and what follows",
    "error: --pool: '10.0.0.9' is not a range of addresses: write it like 192.168.10.200-192.168.10.220",
    "error: --server: '10.0.0.11' is given twice",
    "error: --agent: '10.0.0.11' is a server already, and a server runs pods too: leave it out here",
    'nothing was written',
  ]);
});

test('invalid options are rejected by the rules of cluster.yaml', async () => {
  const { errors, folder } = await create({ ...pair, vip: '10.0.9.5', pool: ['10.0.0.1-10.0.0.20'] });
  expect(errors.join('\n')).toContain('10.0.9.5');
  expect(errors.join('\n')).toContain('10.0.0.1-10.0.0.20');
  expect(errors.at(-1)).toBe('nothing was written');
  expect(existsSync(folder)).toBe(false);
});

test('on a terminal it asks, proposes and takes answers', async () => {
  const answers = ['', 'pi', '10.0.0.11, 10.0.0.12', '', '10.0.0.10', '10.0.0.6', '10.0.0.200-10.0.0.210'];
  const { done, text, questions, errors } = await create({}, { answers });
  expect({ done, errors }).toEqual({ done: true, errors: [] });
  expect(questions).toMatchInlineSnapshot(`
[
  "Name of the cluster",
  "User on the hosts, who needs sudo without a password (< goes back)",
  "Addresses of the servers (control plane), three for high availability",
  "Addresses of the agents, which only run pods; Enter for none",
  "Address of the host for Postgres and NFS, best with an SSD",
  "Virtual IP of the API: an address that no machine has and the router does not give out; 10.0.0.5 is none of these hosts, but is it free?",
  "Addresses for services of type LoadBalancer, such as 10.0.0.200-10.0.0.220 if all of it is free; Enter to decide later",
]
`);
  expect(findings(text)).toEqual([]);
  expect(parseConfig(text, '').config).toMatchObject({
    name: 'lab',
    ssh: { user: 'pi' },
    api: { address: '10.0.0.6' },
    metallb: { pools: [{ addresses: ['10.0.0.200-10.0.0.210'] }] },
  });
});

test('on a terminal it asks only for what the options leave open and nobody can assume', async () => {
  const { questions } = await create(
    { server: ['10.0.0.11', '10.0.0.12'] },
    { answers: ['10.0.0.10', '10.0.0.5'] },
  );
  expect(questions).toHaveLength(2);
});

test('whoever stops in the middle has nothing written, and all answers as a command', async () => {
  const { done, errors, folder } = await create(
    {},
    { answers: ['', 'pi', '10.0.0.11 10.0.0.12', 'big=10.0.0.21', undefined] },
  );
  expect({ done, errors }).toEqual({
    done: false,
    errors: [
      'nothing was written',
      'to continue with your answers: k3s-cdk init lab --user pi --server 10.0.0.11 --server 10.0.0.12 --agent big=10.0.0.21',
    ],
  });
  expect(existsSync(folder)).toBe(false);
});

test('answers are not lost with a folder that cannot be written to', async () => {
  const folder = join(scratch(), 'file');
  writeFileSync(folder, '');
  const { errors } = await create({}, { folder, answers: ['lab', 'pi', '10.0.0.11', '', '', ''] });
  expect(errors.at(-1)).toBe(
    'to continue with your answers: k3s-cdk init lab --user pi --server 10.0.0.11 --database 10.0.0.11',
  );
});

test('< goes back, where the earlier answer waits to be changed', async () => {
  const asked: Question[] = [];
  const answers = ['lab', 'pi', '10.0.0.1', '<', '<', 'home', '10.0.0.11', '', '10.0.0.11', ''];
  const ask = async (question: Question) => {
    asked.push(question);
    return answers.shift();
  };
  const gathered = await gather(
    { server: [], agent: [], pool: [] },
    { folderName: 'lab', localUser: 'ada', sshKey: { kind: 'none' }, prompter: { ask } },
  );
  expect(asked.map(({ message, earlier }) => [message.split(' ')[0], earlier])).toEqual([
    ['Name', undefined],
    ['User', undefined],
    ['Addresses', undefined],
    ['Addresses', undefined],
    ['Addresses', '10.0.0.1'],
    ['User', 'pi'],
    ['Addresses', '10.0.0.1'],
    ['Addresses', undefined],
    ['Address', undefined],
    ['Addresses', undefined],
  ]);
  expect(gathered).toMatchObject({
    cluster: { name: 'lab', user: 'home', hosts: [{ address: '10.0.0.11' }] },
  });
  expect(asked[0]?.check('<')).toBeDefined();
});

test('a cluster.yaml that is there is never changed', async () => {
  const folder = scratch();
  writeFileSync(join(folder, 'cluster.yaml'), 'mine');
  const refused = await create(pair, { folder });
  expect(refused).toMatchObject({ done: false, text: 'mine' });
  expect(refused.errors).toEqual([
    'error: cluster.yaml is there already, and init never changes it: edit it, or name another file with -f',
  ]);
  expect(await create({}, { folder })).toMatchObject({ done: true, text: 'mine', printed: [], errors: [] });
});

test('without a file, options and terminal it says how to begin', async () => {
  const { done, errors } = await create({});
  expect({ done, errors }).toEqual({
    done: false,
    errors: [
      expect.stringMatching(/^error: there is no cluster.yaml, and no terminal to ask on: .*--server/),
    ],
  });
});

describe('the SSH key', () => {
  test('of a user who has none is the first thing to make', async () => {
    const { text, printed } = await create(pair, { sshKey: { kind: 'none' } });
    expect(printed.join('\n')).toContain(
      "make one with 'ssh-keygen -t ed25519', bring it to each host with 'ssh-copy-id ada@10.0.0.10'",
    );
    expect(text).toContain('  # privateKey: ~/.ssh/id_ed25519');
    expect(findings(text)).toEqual([]);
  });

  test('with a passphrase is left to the agent', async () => {
    const { text, printed } = await create(pair, {
      sshKey: { kind: 'agent', why: '~/.ssh/id_rsa has a passphrase' },
    });
    expect(printed.join('\n')).toContain(
      'the SSH agent has the key for the hosts, for ~/.ssh/id_rsa has a passphrase',
    );
    expect(text).not.toMatch(/^ *privateKey/m);
  });
});

describe('the schema for editors', () => {
  /** Where the first line of the file leads to. */
  const schemaOf = ({ folder, text }: { folder: string; text: string }) =>
    resolve(folder, /^# yaml-language-server: \$schema=(\S+)$/m.exec(text)?.[1] ?? 'none');
  const original = readFileSync('schema/cluster.schema.json', 'utf8');

  /** A copy of the package's schema where npm would put it. */
  function packageAt(root: string): string {
    mkdirSync(join(root, 'schema'), { recursive: true });
    writeFileSync(join(root, 'schema/cluster.schema.json'), original);
    return root;
  }

  test('is that of the package which is installed in the project', async () => {
    const project = scratch();
    const made = await create(pair, {
      folder: join(project, 'lab'),
      program: packageAt(join(project, 'node_modules/k3s-cdk')),
    });
    expect(made.text).toContain('$schema=../node_modules/k3s-cdk/schema/cluster.schema.json\n');
    expect(readFileSync(schemaOf(made), 'utf8')).toBe(original);
  });

  test.each([
    [
      'the package is somewhere else on this machine',
      () => packageAt(join(scratch(), 'lib/node_modules/k3s-cdk')),
    ],
    ['the program is one file', () => undefined],
  ])('is copied beside the file when %s, and kept current', async (_, program) => {
    const made = await create(pair, { program: program() });
    expect(readFileSync(schemaOf(made), 'utf8')).toBe(original);
    expect(schemaOf(made)).toBe(join(made.folder, 'cluster.schema.json'));
    writeFileSync(schemaOf(made), 'of an older version');
    await create({}, { folder: made.folder });
    expect(readFileSync(schemaOf(made), 'utf8')).toBe(original);
  });
});

test('new clusters get the k3s of the reference cluster', () => {
  expect(k3sVersion).toBe(configOfFile('cluster.yaml').k3s.version);
});

test('a folder that cannot be written to is an error with its reason', async () => {
  const folder = join(scratch(), 'file');
  writeFileSync(folder, '');
  const { done, errors } = await create(pair, { folder });
  expect(done).toBe(false);
  expect(errors[0]).toMatch(/^error: cannot write .*a file is where a folder is needed$/);
  expect(loadConfig(join(folder, 'cluster.yaml')).config).toBeUndefined();
});

test.each([
  ['User', 'ada@10.0.0.11', "'ada@10.0.0.11' is not a user name"],
  ['servers', '10.0.0.11, 10.0.0.11', "'10.0.0.11' is given twice"],
  ['agents', '10.0.0.21 10.0.0.12', "'10.0.0.12' is a server already"],
  ['servers', '10.0.0.11 10.0.9.12', "'10.0.9.12' lies outside of the subnet of the hosts"],
  ['servers', '10.0.0.255', "'10.0.0.255' is the first or last address of 10.0.0.0/24"],
  ['agents', '10.42.0.5', "'10.42.0.5' lies outside of the subnet"],
  ['Virtual IP', '10.0.0.12', "'10.0.0.12' is the address of a host"],
  ['Virtual IP', '10.0.9.5', "'10.0.9.5' lies outside of the subnet of the hosts"],
  ['LoadBalancer', '10.0.0.1-10.0.0.20', "'10.0.0.1-10.0.0.20' contains '10.0.0."],
  ['LoadBalancer', '10.42.0.1-10.42.0.20', 'overlaps the network of the pods'],
])('the question for %s rejects %s at once, not at the end', async (word, answer, complaint) => {
  const asked: Question[] = [];
  const answers = ['lab', 'ada', '10.0.0.11 10.0.0.12', '', '10.0.0.10', '10.0.0.5', ''];
  const ask = async (question: Question) => {
    asked.push(question);
    return answers.shift();
  };
  const none = { server: [], agent: [], pool: [] };
  const sshKey = { kind: 'file', path: '~/.ssh/id_ed25519' } as const;
  await gather(none, { folderName: 'lab', localUser: 'ada', sshKey, prompter: { ask } });
  const question = asked.find(({ message }) => message.includes(word));
  expect(question?.check(answer)).toContain(complaint);
});

test('what is only warned of is kept by saying it again', async () => {
  const asked: Question[] = [];
  const answers = ['lab', 'ada', '10.0.0.11', '', '', ''];
  const ask = async (question: Question) => {
    asked.push(question);
    return answers.shift();
  };
  const sshKey = { kind: 'none' } as const;
  await gather(
    { server: [], agent: [], pool: [] },
    { folderName: 'lab', localUser: 'ada', sshKey, prompter: { ask } },
  );
  const pools = asked.at(-1);
  expect(pools?.check('10.0.7.1-10.0.7.9')).toMatch(/lies outside of the subnet.*Enter once more keeps it$/);
  expect(pools?.check('10.0.7.1-10.0.7.9')).toBeUndefined();
  const { done, errors } = await create({ ...pair, pool: ['10.0.7.1-10.0.7.9'] });
  expect(done).toBe(true);
  expect(errors).toEqual([expect.stringMatching(/^warning: the pool '10.0.7.1-10.0.7.9' lies outside/)]);
});
