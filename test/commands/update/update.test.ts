import { shutdownCommand } from '../../../src/commands/shutdown';
import { type UpdateOptions, updateCommand } from '../../../src/commands/update/update';
import type { SshClient } from '../../../src/ssh/client';
import { now } from '../../status/answers';
import { fleetYaml } from '../../support/fleet';
import { Project } from '../../support/project';
import { RecordingTerminal } from '../../support/recording-terminal';
import { UpkeepHosts } from '../../support/upkeep-hosts';

const agents = ['agent1', 'agent2', 'agent3'];
const servers = ['server1', 'server2', 'server3'];
const yaml = (databases = ['storage1']) => `name: homelab
ssh: { user: pi }
hosts:
${databases.map((name, i) => `  - { name: ${name}, address: 192.168.10.${9 + i}, roles: [database${i === 0 ? ', nfs' : ''}] }`).join('\n')}
${servers.map((name, i) => `  - { name: ${name}, address: 192.168.10.${12 + i}, roles: [server] }`).join('\n')}
${agents.map((name, i) => `  - { name: ${name}, address: 192.168.10.${21 + i}, roles: [agent] }`).join('\n')}
api: { address: 192.168.10.5 }
k3s: { version: v1.36.2+k3s1 }
`;

let hosts: UpkeepHosts;
beforeEach(() => {
  hosts = new UpkeepHosts();
});

interface Situation {
  readonly text?: string;
  /** What a person answers; undefined without a terminal. */
  readonly answer?: boolean;
  /** Lines of the terminal. @default none */
  readonly height?: number;
}

function contextOf(answer: boolean | undefined, questions: string[]) {
  let clock = 0;
  let interrupt = () => {};
  const context = {
    now,
    // Whatever is waited for takes an hour at most.
    clock: () => (clock += 60_000),
    confirm:
      answer === undefined
        ? undefined
        : async (question: string) => {
            questions.push(question);
            return answer;
          },
    screen: undefined,
    environment: {},
    kubeconfig: '/dev/null',
    onInterrupt: (handler: () => void) => {
      interrupt = handler;
      return () => {};
    },
    ssh: hosts as unknown as SshClient,
    pause: async () => {},
    time: () => now.getTime(),
  };
  return { context, interrupt: () => interrupt() };
}

/** Without what it says about known_hosts, which is empty here. */
const errorsOf = ({ errors }: RecordingTerminal) =>
  errors.filter((line) => !line.startsWith('warning: no host key')).join('\n');

async function update(
  options: Partial<UpdateOptions> = {},
  { text = yaml(), answer, height }: Situation = {},
) {
  const project = new Project(text);
  const terminal = new RecordingTerminal(project.folder, height);
  const questions: string[] = [];
  const { context, interrupt } = contextOf(answer, questions);
  hosts.onCall = (line) => {
    if (line === 'server1: drain' && stopsAt === line) interrupt();
  };
  const exitCode = await updateCommand(
    { file: project.file, rebootOnly: false, check: false, yes: true, ...options },
    context,
    terminal,
  );
  return { exitCode, ...terminal, errors: errorsOf(terminal), questions, done: hosts.done };
}
let stopsAt = '';
afterEach(() => {
  stopsAt = '';
});

const all = [...servers, ...agents];

test('nothing is pending on hosts that are up to date, and nothing is done', async () => {
  expect(await update()).toMatchObject({ exitCode: 0, done: [] });
  expect((await update({ check: true })).printed.join('\n')).toContain('nothing is pending on 7 hosts');
});

test('each host is drained, updated, rebooted where needed and back before the next one, in order', async () => {
  for (const name of ['storage1', ...all]) hosts.host(name).packages = ['openssl', 'linux-image'];
  for (const name of ['storage1', 'server2']) hosts.host(name).needsReboot = true;
  const { exitCode, done, reported } = await update();
  const course = (name: string) => [
    ...[`${name}: drain`, `${name}: install`],
    ...(hosts.host(name).boot > 1 ? [`${name}: reboot`] : []),
    `${name}: settle`,
  ];
  expect({ exitCode, done }).toEqual({ exitCode: 0, done: ['storage1', ...all].flatMap(course) });
  expect(Object.assign({}, ...reported)).toMatchObject({
    updated: ['storage1', ...all],
    rebooted: ['storage1', 'server2'],
    deferred: [],
  });
});

test('the only database host is an outage, which is said before it is asked', async () => {
  hosts.host('storage1').packages = ['openssl'];
  const { exitCode, printed, questions, done } = await update({ yes: false }, { answer: false });
  expect(printed.join('\n')).toContain(
    'storage1 is the only database host: the API does not answer while it reboots',
  );
  expect({ exitCode, questions, done }).toEqual({
    exitCode: 1,
    questions: ['update 1 host, one after the other?'],
    done: [],
  });
  expect((await update({ yes: false })).errors).toContain('run it again with --yes');
});

test('--check says what is pending in its exit code, and --reboot-only installs nothing', async () => {
  hosts.host('server1').packages = ['openssl'];
  hosts.host('agent1').reboot = 'its packages ask for it';
  expect(await update({ check: true })).toMatchObject({ exitCode: 3, done: [] });
  hosts.host('server1').packages = [];
  const { done } = await update({ rebootOnly: true, hosts: 'agent1' });
  expect(done).toEqual(['agent1: drain', 'agent1: reboot', 'agent1: settle']);
});

test('of three hundred hosts, those with the same answer share a line of the screen, problems first', async () => {
  const text = fleetYaml(296);
  const { hosts: all } = new Project(text).topology();
  hosts.host('server1').status = all
    .filter(({ kind }) => kind !== undefined)
    .map(({ name }) => `node\t${name}\tTrue\tv1.36.2+k3s1\t\tReady`);
  const of = (count: number) => Array.from({ length: count }, (_, index) => `package${index}`);
  for (const [index, { name }] of all.entries()) hosts.host(name).packages = of(10 + (index % 7));
  for (const { name } of all.slice(40, 90))
    hosts.host(name).reboot = 'kernel 6.12.50 is installed, 6.12.47 runs';
  for (const { name } of all.slice(200, 210)) hosts.host(name).packages = [];
  hosts.host('agent250').cordon = 'ours';
  hosts.host('agent250').packages = [];
  const { exitCode, printed, reported } = await update({ check: true }, { text, height: 24 });
  expect(exitCode).toBe(3);
  expect(printed.slice(printed.findIndex((line) => line.startsWith('HOST')))).toEqual([
    'HOST                   PACKAGES  REBOOT',
    'agent250               -         cordoned by an update that did not end',
    'agent[037-086]         ≤16       kernel 6.12.50 is installed, 6.12.47 runs',
    'storage1 and 238 more  ≤16       -',
    'nothing is pending on 10 other hosts',
  ]);
  const [{ pending }] = reported as unknown as [{ pending: unknown[] }];
  expect(pending).toHaveLength(290);
  const file = await update({ check: true }, { text });
  expect(file.printed.length).toBeGreaterThan(290);
});

test('the first problem stops it with its cause, and the next update goes on there', async () => {
  for (const name of servers) hosts.host(name).packages = ['openssl'];
  hosts.host('server2').complaints.install = 'packages cannot be installed';
  const failed = await update();
  expect(failed.exitCode).toBe(1);
  expect(failed.errors).toContain('error: server2: packages cannot be installed');
  expect(failed.errors).toContain('stopped after server1; server3 was left alone');
  expect(failed.errors).toContain('to continue: k3s-cdk update');
  hosts.done.length = 0;
  delete hosts.host('server2').complaints.install;
  expect((await update()).done).toEqual(
    ['server2', 'server3'].flatMap((name) => [`${name}: drain`, `${name}: install`, `${name}: settle`]),
  );
});

test('a node that an update left cordoned takes pods again, and that of somebody else does not', async () => {
  hosts.host('agent1').cordon = 'ours';
  hosts.host('agent2').cordon = 'others';
  expect((await update()).done).toEqual(['agent1: settle']);
  expect(hosts.host('agent2').cordon).toBe('others');
});

test('a host that is off is left out and named', async () => {
  hosts.host('agent2').on = false;
  hosts.host('server1').status = ['node\tagent2\tFalse\tv1.36.2+k3s1\t\t'];
  hosts.host('agent1').packages = ['openssl'];
  const { exitCode, errors, done } = await update();
  expect({ exitCode, errors }).toEqual({
    exitCode: 4,
    errors: 'left out, because off: agent2. Run it again when it is on',
  });
  expect(done).toEqual(['agent1: drain', 'agent1: install', 'agent1: settle']);
});

test('a cluster that is not well loses no host to an update', async () => {
  hosts.host('agent1').packages = ['openssl'];
  hosts.host('server2').status = ['api\tno\tconnection refused'];
  const { exitCode, errors, done } = await update();
  expect({ exitCode, done }).toEqual({ exitCode: 1, done: [] });
  expect(errors).toMatch(/error: server2: has an API that does not answer/);
});

test('a cluster that is not well after a host stops the update', async () => {
  for (const name of servers) hosts.host(name).packages = ['openssl'];
  hosts.onCall = () => {};
  const settled = hosts.run.bind(hosts);
  jest.spyOn(hosts, 'run').mockImplementation(async (host, command, options) => {
    if (host.name === 'server1' && `${options.input}`.includes("CALL='install'"))
      hosts.host('server1').status = ['unit\thaproxy.service\tloaded\tenabled\tfailed\tfailed\t0'];
    return settled(host, command, options);
  });
  const { exitCode, errors, done } = await update();
  expect(exitCode).toBe(1);
  expect(errors).toMatch(/the cluster is not well after server1:\n {2}server1: has haproxy failed/);
  expect(done.at(-1)).toBe('server1: settle');
});

test('a reboot that does not start the newest kernel stops it', async () => {
  Object.assign(hosts.host('server1'), { reboot: 'kernel 2 is installed, 1 runs', stays: true });
  expect((await update()).errors).toContain(
    'server1 was rebooted and still has to be (kernel 2 is installed, 1 runs)',
  );
});

test('Ctrl-C finishes the host in hand, and says which are left', async () => {
  for (const name of servers) hosts.host(name).packages = ['openssl'];
  stopsAt = 'server1: drain';
  const { exitCode, errors, done } = await update();
  expect({ exitCode, last: done.at(-1) }).toEqual({ exitCode: 130, last: 'server1: settle' });
  expect(errors).toContain('stopped after server1; server2, server3 were left alone');
});

/** Two database hosts as both see them. */
function databases(primary: string): void {
  const lines = ['storage1', 'storage2'].map((name) =>
    name === primary ? `member\t${name}\tleader\trunning\t0` : `member\t${name}\tsync_standby\tstreaming\t0`,
  );
  for (const name of ['storage1', 'storage2']) hosts.host(name).status = [...lines, 'etcd\tactive\tyes'];
  hosts.host('server1').status = ['etcd\tactive\tyes'];
}

test('the standby comes first, and the primary hands over before its turn', async () => {
  databases('storage1');
  for (const name of ['storage1', 'storage2']) hosts.host(name).packages = ['openssl'];
  const { exitCode, done, errors } = await update({}, { text: yaml(['storage1', 'storage2']) });
  expect({ exitCode, errors, done }).toEqual({
    exitCode: 0,
    errors: '',
    done: [
      ...['storage2: drain', 'storage2: install', 'storage2: settle'],
      ...['storage1: switchover', 'storage1: drain', 'storage1: install', 'storage1: settle'],
    ],
  });
});

test('a database without its standby loses no more hosts', async () => {
  databases('storage1');
  hosts.host('storage2').on = false;
  hosts.host('server1').packages = ['openssl'];
  const { exitCode, errors, done } = await update({}, { text: yaml(['storage1', 'storage2']) });
  expect({ exitCode, done }).toEqual({ exitCode: 1, done: [] });
  expect(errors).toContain(
    'storage2 is off, and the database needs the other two hosts that decide about it',
  );
});

async function shutDown(yes: boolean, { text = yaml(), answer }: Situation = {}) {
  const project = new Project(text);
  const terminal = new RecordingTerminal(project.folder);
  const { context } = contextOf(answer, []);
  const exitCode = await shutdownCommand({ file: project.file, yes }, context, terminal);
  return { exitCode, ...terminal, errors: errorsOf(terminal), done: hosts.done };
}

test('a shutdown switches off what needs others first: agents, servers, storage, the primary last', async () => {
  databases('storage1');
  const { exitCode, done, reported } = await shutDown(true, { text: yaml(['storage1', 'storage2']) });
  const order = [...all.slice(3), ...servers, 'storage2', 'storage1'];
  expect({ exitCode, done }).toEqual({ exitCode: 0, done: order.map((name) => `${name}: poweroff`) });
  expect(Object.assign({}, ...reported)).toMatchObject({ off: order });
});

test('a host that stays on holds up no other, and one that was off is named', async () => {
  hosts.host('server1').stays = true;
  hosts.host('agent1').on = false;
  const { exitCode, errors, done } = await shutDown(true);
  expect(exitCode).toBe(1);
  expect(errors).toContain('server1 is still on after 6 minutes');
  expect(done.at(-1)).toBe('storage1: poweroff');
});

test('nobody is switched off without an answer', async () => {
  expect(await shutDown(false)).toMatchObject({ exitCode: 1, done: [] });
  expect(await shutDown(false, { answer: false })).toMatchObject({ exitCode: 1, done: [] });
});
