import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import type { Bastion, Host } from '../../src/model/topology';
import { bashAsRoot, SshClient } from '../../src/ssh/client';
import { loginArguments } from '../../src/ssh/openssh';
import { connectionError, SshError } from '../../src/ssh/ssh-error';
import { freePort, Sshd, testWithSshd } from '../support/sshd';

jest.setTimeout(60_000);
const testSsh = testWithSshd();
const user = userInfo().username;
const timeoutMs = 20_000;

let folder: string;
let client: SshClient;
let sshd: Sshd;
const others: Sshd[] = [];
beforeAll(async () => {
  if (Sshd.missing() === undefined) sshd = await Sshd.start(['ed25519']);
});
afterAll(() => sshd?.stop());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'k3s-cdk-client-'));
  client = new SshClient({ folder });
});
afterEach(async () => {
  await client.close();
  rmSync(folder, { recursive: true });
  for (const server of others.splice(0)) server.stop();
});

/** A host at a port of this machine. */
function hostAt(port: number, privateKey: string, bastion?: Bastion): Host {
  return {
    name: 'server1',
    address: '127.0.0.1',
    nodeIps: ['127.0.0.1'],
    roles: ['server'],
    kind: 'server',
    ssh: { user, port, privateKey, ...(bastion && { bastion }) },
    disks: [],
    packages: [],
    steps: [],
    labels: {},
    taints: [],
    extraConfig: {},
    secretFiles: [],
    arch: 'arm64',
  };
}

function know(...servers: Sshd[]): void {
  const lines = servers.map((server) => `[127.0.0.1]:${server.port} ${server.hostKey('ed25519')}\n`);
  writeFileSync(join(folder, 'known_hosts'), lines.join(''));
}

async function failure(run: Promise<unknown>): Promise<[string, string]> {
  const error = await run.then(
    () => new Error('it has succeeded'),
    (cause) => cause,
  );
  return [error.failure, error.message];
}

testSsh('a command gets its input and answers with both outputs and its exit code', async () => {
  know(sshd);
  const host = hostAt(sshd.port, sshd.identity);
  const input = Buffer.from('one\ntwo\n');
  expect(await client.run(host, 'cat; echo cause >&2; exit 3', { input, timeoutMs })).toEqual({
    stdout: 'one\ntwo\n',
    stderr: 'cause\n',
    exitCode: 3,
  });
});

testSsh('what a host says is plain text here, and bytes where they are asked for', async () => {
  know(sshd);
  const host = hostAt(sshd.port, sshd.identity);
  const command = `printf 'a\\033[31mb\\033]0;x\\007\\n'; printf 'c\\033[2J\\n' >&2`;
  expect(await client.run(host, command, { timeoutMs })).toMatchObject({ stdout: 'ab\n', stderr: 'c\n' });
  const output = new PassThrough();
  await client.run(host, command, { output, timeoutMs });
  expect(String(output.read())).toBe('a\u001b[31mb\u001b]0;x\u0007\n');
});

testSsh('a host that answers without an end is cut off', async () => {
  know(sshd);
  const run = client.run(hostAt(sshd.port, sshd.identity), 'yes | head -c 1000000000', { timeoutMs });
  expect(await failure(run)).toEqual([
    'too-much',
    expect.stringMatching(/server1 .* sends output without end/),
  ]);
});

testSsh('a command that exits as ssh does for its own failures is not taken for one', async () => {
  know(sshd);
  const run = client.run(hostAt(sshd.port, sshd.identity), 'echo Permission denied >&2; exit 255', {
    timeoutMs,
  });
  expect(await run).toEqual({ stdout: '', stderr: 'Permission denied\n', exitCode: 255 });
});

testSsh('a command that was killed, or whose host goes silent, has given no answer', async () => {
  know(sshd);
  const run = client.run(hostAt(sshd.port, sshd.identity), 'echo half; kill -KILL $$', { timeoutMs });
  expect(await failure(run)).toEqual([
    'connection-lost',
    expect.stringMatching(/was reached, and closed the connection without an error/),
  ]);
});

testSsh('a script runs as root', async () => {
  if (user !== 'root') return;
  know(sshd);
  const input = 'id -u; exit 4';
  expect(await client.run(hostAt(sshd.port, sshd.identity), bashAsRoot, { input, timeoutMs })).toMatchObject({
    stdout: '0\n',
    exitCode: 4,
  });
});

testSsh('a host whose key is not known is not talked to', async () => {
  expect(await failure(client.run(hostAt(sshd.port, sshd.identity), 'true', { timeoutMs }))).toEqual([
    'host-key-unknown',
    `server1 ([127.0.0.1]:${sshd.port}) has a host key that is not known: run 'k3s-cdk init', which shows it and adds it to known_hosts`,
  ]);
});

testSsh('a host with another key than the known one is not talked to', async () => {
  const other = await Sshd.start(['ed25519']);
  others.push(other);
  writeFileSync(join(folder, 'known_hosts'), `[127.0.0.1]:${sshd.port} ${other.hostKey('ed25519')}\n`);
  expect(await failure(client.run(hostAt(sshd.port, sshd.identity), 'true', { timeoutMs }))).toEqual([
    'host-key-changed',
    expect.stringMatching(/shows another host key than the one in known_hosts: run 'k3s-cdk init'/),
  ]);
});

testSsh('says so when the login is refused, and with which key', async () => {
  const other = await Sshd.start(['ed25519']);
  others.push(other);
  know(sshd);
  expect(await failure(client.run(hostAt(sshd.port, other.identity), 'true', { timeoutMs }))).toEqual([
    'permission-denied',
    expect.stringMatching(`refuses user '${user}' with key '${other.identity}': put the public key`),
  ]);
});

testSsh('the keys of an SSH agent may be too many before the right one, which can be named', async () => {
  know(sshd);
  const socket = join(folder, 'agent.sock');
  const env = { ...process.env, SSH_AUTH_SOCK: socket };
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  try {
    for (let tries = 0; !existsSync(socket) && tries < 200; tries += 1) await setTimeout(50);
    const strangers = Array.from({ length: 6 }, (_, index) => join(folder, `key${index}`));
    for (const key of strangers) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    for (const key of [...strangers, sshd.identity]) execFileSync('ssh-add', ['-q', key], { env });
    const login = (agentKey?: string) => {
      const host = {
        ...hostAt(sshd.port, ''),
        ssh: { user, port: sshd.port, ...(agentKey !== undefined && { agentKey }) },
      };
      const args = [...loginArguments(host.ssh), host.address, 'true'];
      const { status, stderr } = spawnSync('ssh', args, { cwd: folder, env, encoding: 'utf8' });
      return { status, message: connectionError(host, stderr).message };
    };
    expect(login()).toEqual({
      status: 255,
      message: expect.stringMatching(
        /refuses user '.+' after too many keys.*set 'ssh.privateKey' to the public half/,
      ),
    });
    expect(login(`${sshd.identity}.pub`)).toMatchObject({ status: 0 });
  } finally {
    agent.kill();
  }
});

testSsh('says so when the key is not there', async () => {
  know(sshd);
  expect(await failure(client.run(hostAt(sshd.port, '~/no-such-key'), 'true', { timeoutMs }))).toEqual([
    'key-file',
    expect.stringMatching(/the key '~\/no-such-key' does not exist or is not readable/),
  ]);
});

testSsh('says why a host cannot be reached', async () => {
  const host = hostAt(await freePort(), sshd.identity);
  expect(await failure(client.run(host, 'true', { timeoutMs }))).toEqual([
    'unreachable',
    expect.stringMatching(/refuses the connection: is its SSH server running, on this port\?$/),
  ]);
});

testSsh('does not wait for a server that says nothing', async () => {
  const silent: Server = createServer((socket) => void socket.on('error', () => {})).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  try {
    const [kind, message] = await failure(client.run(hostAt(port, sshd.identity), 'true', { timeoutMs }));
    expect([kind, message]).toEqual(['unreachable', expect.stringMatching(/does not answer within 5 s/)]);
  } finally {
    silent.close();
  }
});

testSsh('a command is ended at its time, or when it is no longer wanted', async () => {
  know(sshd);
  const host = hostAt(sshd.port, sshd.identity);
  expect(await failure(client.run(host, 'sleep 60', { timeoutMs: 1500 }))).toEqual([
    'timeout',
    expect.stringMatching(/within 1.5 s/),
  ]);
  const signal = AbortSignal.timeout(500);
  const error = await client.run(host, 'sleep 60', { timeoutMs, signal }).catch((cause) => cause);
  expect(error).toBe(signal.reason);
});

testSsh('one connection serves all commands, and ends with the client', async () => {
  know(sshd);
  const host = hostAt(sshd.port, sshd.identity);
  const reusing = new SshClient({ folder, reuse: true });
  const connection = async () =>
    (await reusing.run(host, 'echo $SSH_CONNECTION', { timeoutMs })).stdout.split(' ')[1];
  const first = await connection();
  expect(await connection()).toBe(first);
  await reusing.close();
  const again = new SshClient({ folder, reuse: true });
  try {
    const { stdout } = await again.run(host, 'echo $SSH_CONNECTION', { timeoutMs });
    expect(stdout.split(' ')[1]).not.toBe(first);
  } finally {
    await again.close();
  }
});

/** Takes the only place of a server that lets in nobody else before it has logged in. */
async function occupied(server: Sshd): Promise<() => void> {
  const socket = connect(server.port, '127.0.0.1').on('error', () => {});
  await once(socket, 'data');
  return () => void socket.destroy();
}
const onePlace = 'MaxStartups 1:100:1';

testSsh(
  'a server that has too many logins at once is asked again, and is not taken for one that is off',
  async () => {
    const busy = await Sshd.start(['ed25519'], onePlace);
    others.push(busy);
    know(busy);
    const host = hostAt(busy.port, busy.identity);
    const leave = await occupied(busy);
    const [answer] = await Promise.all([
      client.run(host, 'echo there', { timeoutMs }),
      setTimeout(700).then(leave),
    ]);
    expect(answer.stdout).toBe('there\n');
    const stay = await occupied(busy);
    expect(await failure(client.run(host, 'true', { timeoutMs }))).toEqual([
      'dropped',
      expect.stringMatching(/drops connections before the login, again and again/),
    ]);
    stay();
  },
);

describe('behind a bastion', () => {
  const behind = (bastion: Sshd, port: number) =>
    hostAt(port, sshd.identity, {
      address: '127.0.0.1',
      port: bastion.port,
      user,
      privateKey: bastion.identity,
    });

  testSsh('hosts share one connection to it', async () => {
    // Three logins at the same time would be one too many.
    const bastion = await Sshd.start(['ed25519'], 'MaxStartups 2:100:2');
    others.push(bastion);
    know(sshd, bastion);
    const run = () => client.run(behind(bastion, sshd.port), 'echo through', { timeoutMs });
    const results = await Promise.all([run(), run(), run(), run()]);
    expect(results.map(({ stdout }) => stdout.trim())).toEqual(['through', 'through', 'through', 'through']);
  });

  testSsh(
    'a bastion with too many logins at once is asked again, and hosts behind it are not off',
    async () => {
      const bastion = await Sshd.start(['ed25519'], onePlace);
      others.push(bastion);
      know(sshd, bastion);
      const leave = await occupied(bastion);
      const [answer] = await Promise.all([
        client.run(behind(bastion, sshd.port), 'echo through', { timeoutMs }),
        setTimeout(700).then(leave),
      ]);
      expect(answer.stdout).toBe('through\n');
      const stay = await occupied(bastion);
      const other = new SshClient({ folder });
      expect(await failure(other.run(behind(bastion, sshd.port), 'true', { timeoutMs }))).toEqual([
        'dropped',
        expect.stringMatching(/is behind bastion 127\.0\.0\.1, where the login fails: .*kex_exchange/),
      ]);
      await other.close();
      stay();
    },
  );

  testSsh('says why the host cannot be reached', async () => {
    const bastion = await Sshd.start(['ed25519']);
    others.push(bastion);
    know(bastion);
    expect(await failure(client.run(behind(bastion, await freePort()), 'true', { timeoutMs }))).toEqual([
      'unreachable',
      expect.stringMatching(/does not answer through bastion 127\.0\.0\.1/),
    ]);
  });

  testSsh('trusts no bastion whose key is not known', async () => {
    const bastion = await Sshd.start(['ed25519']);
    others.push(bastion);
    know(sshd);
    const error = await client
      .run(behind(bastion, sshd.port), 'true', { timeoutMs })
      .catch((cause: SshError) => cause);
    expect(error).toBeInstanceOf(SshError);
    expect(error).toMatchObject({
      failure: 'host-key-unknown',
      reason: 'is behind bastion 127.0.0.1, where the login fails: Host key verification failed.',
    });
  });
});
