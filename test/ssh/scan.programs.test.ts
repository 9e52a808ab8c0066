import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { fingerprint } from '../../src/model/known-hosts';
import { concurrently } from '../../src/ssh/concurrently';
import { keyKind } from '../../src/ssh/key-kind';
import { scanHostKeys } from '../../src/ssh/scan';
import { scanServers } from '../../src/ssh/scan-servers';
import { freePort, Sshd, testWithSshd } from '../support/sshd';
import { StubPrograms } from '../support/stub-programs';

jest.setTimeout(60_000);
const testSsh = testWithSshd();
const portOf = (server: Server) => (server.address() as AddressInfo).port;
const started: Sshd[] = [];
async function sshd(...args: Parameters<typeof Sshd.start>): Promise<Sshd> {
  const server = await Sshd.start(...args);
  started.push(server);
  return server;
}
afterEach(() => {
  for (const server of started.splice(0)) server.stop();
});

testSsh(
  "finds the keys of all types in the order in which Terraform asks, and OpenSSH's fingerprints",
  async () => {
    const server = await sshd(['ed25519', 'rsa', 'ecdsa']);
    const scan = await scanHostKeys('127.0.0.1', server.port);
    if ('failure' in scan) throw new Error(scan.failure);
    expect(scan.keys.map((key) => [keyKind(key), `${key.type} ${key.key}`, fingerprint(key)])).toEqual([
      ['ECDSA', server.hostKey('ecdsa'), server.fingerprint('ecdsa')],
      ['RSA', server.hostKey('rsa'), server.fingerprint('rsa')],
      ['ED25519', server.hostKey('ed25519'), server.fingerprint('ed25519')],
    ]);
  },
);

describe('with a server that drops connections', () => {
  let stub: StubPrograms;
  let server: Server;
  beforeEach(async () => {
    stub = new StubPrograms();
    server = createServer((socket) => socket.on('error', () => {}).end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    stub.remove();
    server.close();
  });

  test("what is not a key is not taken for one, and a server's message is plain text", async () => {
    stub.add(
      'ssh-keyscan',
      `printf 'host ssh-rsa AAAA\\033]0;x\\007\\nhost ssh-ed25519 A"A\\nhost ssh-ed25519 %05000d\\n' 1`,
    );
    expect(await scanHostKeys('127.0.0.1', portOf(server))).toEqual({
      failure: 'answers, but not as an SSH server with a host key that Terraform knows',
    });
    stub.add('ssh-keyscan', `printf 'banner: \\033[2J%0500d\\n' 1 >&2`);
    expect(await scanHostKeys('127.0.0.1', portOf(server))).toEqual({
      failure: expect.stringMatching(/^drops connections: banner: 0{1,200}$/),
    });
  });

  test('a part of the keys is not taken for all of them', async () => {
    stub.add(
      'ssh-keyscan',
      `echo 'host ssh-ed25519 AAAAed'
[[ -e $STUB/tried ]] && echo 'host ecdsa-sha2-nistp256 AAAAecdsa' || echo 'read (host): Connection reset by peer' >&2
touch $STUB/tried`,
    );
    expect(await scanHostKeys('127.0.0.1', portOf(server))).toEqual({
      keys: [
        { type: 'ecdsa-sha2-nistp256', key: 'AAAAecdsa' },
        { type: 'ssh-ed25519', key: 'AAAAed' },
      ],
    });
  });

  test('gives up with what ssh-keyscan says', async () => {
    stub.add(
      'ssh-keyscan',
      `echo 'host ssh-ed25519 AAAAed'
echo 'read (host): Connection reset by peer' >&2`,
    );
    expect(await scanHostKeys('127.0.0.1', portOf(server))).toEqual({
      failure: 'drops connections: read (host): Connection reset by peer',
    });
  });
});

test('says why a server cannot be reached', async () => {
  const port = await freePort();
  expect(await scanHostKeys('127.0.0.1', port)).toEqual({
    failure: 'refuses the connection: is its SSH server running, on this port?',
  });
});

testSsh('says so when something else answers', async () => {
  const server = createServer((socket) =>
    socket.on('error', () => {}).end('HTTP/1.0 400 Bad Request\r\n\r\n'),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    expect(await scanHostKeys('127.0.0.1', portOf(server))).toEqual({
      failure: expect.stringMatching(/^answers, but not as an SSH server|^drops connections/),
    });
  } finally {
    server.close();
  }
});

describe('behind a bastion', () => {
  const user = userInfo().username;

  testSsh('finds the keys through a login to the bastion', async () => {
    const [bastion, host] = [await sshd(['ed25519']), await sshd(['ecdsa'])];
    writeFileSync(
      join(bastion.folder, 'known_hosts'),
      `[127.0.0.1]:${bastion.port} ${bastion.hostKey('ed25519')}\n`,
    );
    const server = {
      names: ['server1'],
      address: '127.0.0.1',
      port: host.port,
      bastion: { address: '127.0.0.1', port: bastion.port, user, privateKey: 'identity' },
    };
    const closed = { ...server, names: ['server2'], port: await freePort() };
    const [one, two] = await scanServers([server, closed], bastion.folder);
    const [type, key] = host.hostKey('ecdsa').split(' ');
    expect(one?.scan).toEqual({ keys: [{ type, key }] });
    expect(two?.scan).toEqual({
      failure: expect.stringMatching(/^does not answer through bastion 127\.0\.0\.1/),
    });
  });

  testSsh('trusts no bastion whose key is not known', async () => {
    const bastion = await sshd(['ed25519']);
    const server = {
      names: ['server1'],
      address: '127.0.0.1',
      port: 1,
      bastion: { address: '127.0.0.1', port: bastion.port, user, privateKey: 'identity' },
    };
    const [scanned] = await scanServers([server], bastion.folder);
    expect(scanned?.scan).toEqual({
      failure: 'is behind bastion 127.0.0.1, where the login fails: Host key verification failed.',
    });
  });
});

test('does no more than so many things at a time, and keeps their order', async () => {
  let running = 0;
  let most = 0;
  const results = await concurrently([5, 1, 4, 2, 3], 2, async (number) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, number));
    running -= 1;
    return number * 10;
  });
  expect(results).toEqual([50, 10, 40, 20, 30]);
  expect(most).toBe(2);
});
