import { type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { scratchFolders } from '../support/scratch';
import { freePort } from '../support/sshd';

jest.setTimeout(180_000);
const scratch = scratchFolders();
const program = resolve('bin/k3s-cdk.js');

/** Exit codes of every command on hosts that are all off. */
const commands: readonly (readonly [string, number])[] = [
  ['validate', 0],
  ['synth', 0],
  ['synth --check', 0],
  ['init', 0],
  ['doctor', 1],
  ['deploy --plan', 1],
  ['deploy', 1],
  ['status', 1],
  ['versions', 0],
  ['artifacts', 0],
  ['kubeconfig', 1],
  ['kubeconfig -o -', 1],
  ['backup', 1],
  ['restore lost.tar --yes', 1],
  ['database switchover', 1],
  ['database promote storage2 --yes', 1],
  ['destroy --yes', 1],
];

/** A project whose hosts refuse connections, one at each port. */
async function project(ports?: readonly number[]): Promise<string> {
  const [a, b, c] = ports ?? [await freePort(), await freePort(), await freePort()];
  const folder = scratch();
  writeFileSync(
    join(folder, 'cluster.yaml'),
    `name: homelab
ssh: { user: ${userInfo().username}, privateKey: key }
hosts:
  - { name: storage1, address: 127.0.0.1, nodeIps: [192.168.10.10], ssh: { port: ${a} }, roles: [database, nfs] }
  - { name: server1, address: 127.0.0.1, nodeIps: [192.168.10.11], ssh: { port: ${b} }, roles: [server] }
  - { name: server2, address: 127.0.0.1, nodeIps: [192.168.10.12], ssh: { port: ${c} }, roles: [server] }
api: { address: 192.168.10.5 }
k3s: { version: v1.36.5+k3s1 }
metallb: { pools: [{ name: lan, addresses: [192.168.10.200-192.168.10.220] }] }
`,
  );
  spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')]);
  const [, key] = readFileSync(join(folder, 'key.pub'), 'utf8').split(' ');
  const known = [a, b, c].map((port) => `[127.0.0.1]:${port} ssh-ed25519 ${key}\n`);
  writeFileSync(join(folder, 'known_hosts'), known.join(''));
  return folder;
}

function environment(folder: string, more: NodeJS.ProcessEnv = {}): SpawnOptions {
  const { CI: _, ...env } = process.env;
  return { cwd: folder, env: { ...env, KUBECONFIG: join(folder, 'kubeconfig'), TERM: 'xterm', ...more } };
}

function run(folder: string, words: readonly string[], more?: NodeJS.ProcessEnv) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], {
    ...environment(folder, more),
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test('with --json, standard output of every command is one object with the exit code and the problems', async () => {
  const folder = await project();
  for (const [command, expected] of commands) {
    const { status, stdout, stderr } = run(folder, [...command.split(' '), '--json']);
    expect({ command, status }).toEqual({ command, status: expected });
    const { exitCode, problems } = JSON.parse(stdout);
    expect({ command, exitCode }).toEqual({ command, exitCode: expected });
    const errors = problems.filter(({ severity }: { severity: string }) => severity === 'error');
    if (expected === 0) expect({ command, errors }).toEqual({ command, errors: [] });
    else
      expect({ command, errors }).toEqual({ command, errors: expect.arrayContaining([expect.anything()]) });
    for (const problem of problems)
      expect(problem).toMatchObject({
        severity: expect.any(String),
        code: expect.any(String),
        message: expect.any(String),
      });
    expect(stderr).not.toContain('internal error');
  }
});

test.each([
  [
    'an invalid cluster.yaml',
    ['status'],
    1,
    (folder: string) => writeFileSync(join(folder, 'cluster.yaml'), 'name: Home\n'),
  ],
  ['no cluster.yaml', ['doctor'], 1, (folder: string) => rmSync(join(folder, 'cluster.yaml'))],
  ['an unknown option', ['status', '--nope'], 2, () => {}],
  ['an unknown command', ['stattus'], 2, () => {}],
])('with --json, %s is an object, too', async (_, words, exitCode, spoil) => {
  const folder = await project();
  spoil(folder);
  const { status, stdout } = run(folder, [...words, '--json']);
  expect(status).toBe(exitCode);
  expect(JSON.parse(stdout)).toMatchObject({
    exitCode,
    problems: expect.arrayContaining([expect.objectContaining({ severity: 'error' })]),
  });
});

test('on a terminal of 80 columns, no line of any command is longer', async () => {
  const folder = await project();
  const preload = join(scratch(), 'terminal.js');
  writeFileSync(
    preload,
    `for (const stream of [process.stdout, process.stderr]) {
  Object.defineProperties(stream, { isTTY: { value: true }, columns: { value: 80 }, rows: { value: 24 } });
}\n`,
  );
  const helps = [
    '',
    ...readdirSync('src/cli').flatMap((name) =>
      /^(add-|examples|options|program)/.test(name) ? [] : [name.slice(0, -3)],
    ),
  ];
  const all = [
    ...commands.map(([command]) => command),
    ...helps.map((command) => `${command} --help`.trim()),
    'diagram',
    'status --nope',
  ];
  writeFileSync(
    join(folder, 'broken.yaml'),
    readFileSync(join(folder, 'cluster.yaml'), 'utf8').replace('roles: [server] }', 'roles: [severs] }'),
  );
  const long: string[] = [];
  for (const command of [...all, 'validate -f broken.yaml']) {
    const { stdout, stderr } = run(folder, command.split(' '), { NODE_OPTIONS: `--require=${preload}` });
    const lines = stripVTControlCharacters(`${stdout}\n${stderr}`)
      .split('\n')
      // A path or an address is one word, which nothing can break.
      .filter((line) => line.length > 80 && /\S\s+\S/.test(line));
    long.push(...lines.map((line) => `${command}: ${line}`));
  }
  expect(long).toEqual([]);
});

/** Servers that take connections and say nothing, for as long as a test goes on. */
async function silentServers(): Promise<{ ports: number[]; servers: Server[] }> {
  const servers = await Promise.all(
    [1, 2, 3].map(async () => {
      const server = createServer(() => {}).listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  return {
    servers,
    ports: servers.map((server) => (server.address() as { port: number }).port),
  };
}

/** Processes of ssh that log in to one of these ports. */
function sshTo(ports: readonly number[]): string[] {
  const { stdout } = spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
  return stdout
    .split('\n')
    .filter((line) => ports.some((port) => line.startsWith('ssh ') && line.includes(`-p ${port} `)));
}

test.each(['status', 'status --watch', 'doctor', 'kubeconfig'])(
  '%s ends with 130 when it is interrupted, and leaves no ssh behind',
  async (command) => {
    const { ports, servers } = await silentServers();
    const folder = await project(ports);
    const child = spawn(process.execPath, [program, ...command.split(' ')], {
      ...environment(folder),
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    for (let i = 0; sshTo(ports).length === 0 && i < 300; i += 1) await setTimeout(100);
    expect(sshTo(ports)).not.toEqual([]);
    child.kill('SIGINT');
    const [code] = await ended;
    expect(code).toBe(130);
    for (let i = 0; sshTo(ports).length > 0 && i < 30; i += 1) await setTimeout(100);
    expect(sshTo(ports)).toEqual([]);
    for (const server of servers) server.close();
  },
);
