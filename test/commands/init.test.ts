import { once } from 'node:events';
import { appendFileSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { initCommand } from '../../src/commands/init';
import type { Terminal } from '../../src/commands/terminal';
import { secretFiles, tokenFile } from '../../src/model/secrets';
import { Project } from '../support/project';
import { freePort } from '../support/sshd';
import { StubPrograms } from '../support/stub-programs';

let port: number;
let listener: Server;
let programs: StubPrograms;

/** Hosts that take connections, with a stub in place of ssh-keyscan. */
beforeAll(async () => {
  listener = createServer((socket) => socket.on('error', () => {}).end()).listen(0, '0.0.0.0');
  await once(listener, 'listening');
  port = (listener.address() as AddressInfo).port;
  programs = new StubPrograms();
  programs.add(
    'ssh-keyscan',
    `for address; do :; done
echo "$address ecdsa-sha2-nistp256 $(printf %s "ecdsa of $address" | base64)"
echo "$address ssh-ed25519 $(printf %s "ed25519 of $address" | base64)"`,
  );
});
afterAll(() => {
  programs.remove();
  listener.close();
});

function yaml(ports: { server2?: number } = {}): string {
  return `name: homelab
ssh: { user: pi, port: ${port} }
hosts:
  - { name: storage1, address: 127.0.0.2, nodeIps: [192.168.10.10], roles: [database, nfs] }
  - { name: server1, address: 127.0.0.3, nodeIps: [192.168.10.11], roles: [server] }
  - { name: server2, address: 127.0.0.4, nodeIps: [192.168.10.12], roles: [server], ssh: { port: ${ports.server2 ?? port} } }
api: { address: 192.168.10.5 }
k3s: { version: v1.36.2+k3s1 }
`;
}

/** Runs init as on a terminal that answers `answer`, or without a terminal. */
async function init(
  project: Project,
  { yes = false, renew = false, answer }: { yes?: boolean; renew?: boolean; answer?: boolean } = {},
) {
  const lines: string[] = [];
  const questions: string[] = [];
  const terminal: Terminal = {
    print: (line) => lines.push(line),
    error: (line) => lines.push(`! ${line}`),
    display: (path) => path.replace(`${project.folder}/`, ''),
    color: false,
  };
  const confirm = async (question: string) => {
    questions.push(question);
    return answer === true;
  };
  const exitCode = await initCommand(
    { file: project.file, yes, renew },
    { now: new Date(), confirm: answer === undefined ? undefined : confirm },
    terminal,
  );
  const output = lines.join('\n').replaceAll(project.folder, '.').replaceAll(`:${port}`, ':PORT');
  return { exitCode, output, questions };
}

test('makes everything and says what, in a few lines', async () => {
  const project = new Project(yaml());
  const { exitCode, output } = await init(project, { yes: true });
  expect(output).toMatchInlineSnapshot(`
"added  .gitignore                        secrets/ *.tfstate *.tfstate.* cdktf.out/
made   secrets/                          k3s-token database-ca.key database-ca.crt
made   secrets/hosts/server1/k3s/        token datastore-client.key datastore-client.crt datastore-ca.crt
made   secrets/hosts/server2/k3s/        token datastore-client.key datastore-client.crt datastore-ca.crt
made   secrets/hosts/storage1/database/  server.key server.crt ca.crt
host keys that are not known yet:
  storage1  [127.0.0.2]:PORT  ECDSA    SHA256:EuGkAdrWlzVk+WPdx818BinHxZ2d22aeH+QeW63LCPA
                               ED25519  SHA256:M29pKgXLU/G7qj2u9J9iqQcQAjLCiJNbglW9bOfMrGY
  server1   [127.0.0.3]:PORT  ECDSA    SHA256:NR7A+0b/M2tSd48/S6aZS0G+VjrF2Tj3v4dhBxElkD8
                               ED25519  SHA256:Yy0N31y3JXOViuYnZGrB7eQ19UQuM1LRikfmlXYIMhY
  server2   [127.0.0.4]:PORT  ECDSA    SHA256:XCjGAtVBhKf8IMszzfdn4jSpBMRaWeyV9iK6hrHo/oQ
                               ED25519  SHA256:W7iNC6wbkiWxDyD2Nwnz5ueshVEs6DTMSLHGRrNRVOk
added  known_hosts  3 hosts
keep a copy of secrets/ in a safe place: a backup of the database cannot be read without the token
next: k3s-cdk synth -f ./cluster.yaml"
`);
  expect(exitCode).toBe(0);
});

test('prints no secret', async () => {
  const project = new Project(yaml());
  const { output } = await init(project, { yes: true });
  const secrets = [tokenFile, ...secretFiles(project.topology()).filter((path) => path.endsWith('.key'))];
  for (const path of secrets)
    for (const line of project
      .read(path)
      .split('\n')
      .filter((text) => text.length > 20 && !text.startsWith('-----')))
      expect(output.includes(line) ? `${path} is in the output` : '').toBe('');
});

test('a second run changes nothing', async () => {
  const project = new Project(yaml());
  await init(project, { yes: true });
  const before = project.snapshot('.');
  const { exitCode, output } = await init(project);
  expect(output).toBe('nothing changed\nnext: k3s-cdk synth -f ./cluster.yaml');
  expect(exitCode).toBe(0);
  expect(project.snapshot('.')).toEqual(before);
});

describe('known_hosts', () => {
  test('is for everybody to read, and calls ports as OpenSSH does', async () => {
    const project = new Project(yaml());
    const umask = process.umask(0o077);
    try {
      await init(project, { yes: true });
    } finally {
      process.umask(umask);
    }
    expect(statSync(project.path('known_hosts')).mode & 0o777).toBe(0o644);
    expect(project.read('known_hosts').replaceAll(`:${port}`, ':PORT').split('\n').slice(0, 2)).toEqual([
      `[127.0.0.2]:PORT ecdsa-sha2-nistp256 ${Buffer.from('ecdsa of 127.0.0.2').toString('base64')}`,
      `[127.0.0.2]:PORT ssh-ed25519 ${Buffer.from('ed25519 of 127.0.0.2').toString('base64')}`,
    ]);
  });

  test('gets no key without a terminal and without --yes: the fingerprints and the command are printed', async () => {
    const project = new Project(yaml());
    const { exitCode, output } = await init(project);
    expect(exitCode).toBe(1);
    expect(output.match(/SHA256:/g)).toHaveLength(6);
    expect(output).toContain(
      "! error: no key was added to known_hosts: to trust the keys above, run 'k3s-cdk init -f ./cluster.yaml --yes'",
    );
    expect(() => project.read('known_hosts')).toThrow();
  });

  test('gets the keys that a person confirms', async () => {
    const project = new Project(yaml());
    const { exitCode, questions } = await init(project, { answer: true });
    expect(questions).toEqual(['trust 3 hosts?']);
    expect(exitCode).toBe(0);
    expect(project.read('known_hosts').trim().split('\n')).toHaveLength(6);
  });

  test('gets no key that a person refuses', async () => {
    const project = new Project(yaml());
    const { exitCode } = await init(project, { answer: false });
    expect(exitCode).toBe(1);
    expect(() => project.read('known_hosts')).toThrow();
  });

  test('keeps what is in it, to the byte', async () => {
    const project = new Project(yaml());
    const own = '# ours\n|1|c2FsdA==|aGFzaA== ssh-rsa AAAA\n\n@revoked * ssh-rsa BBBB';
    writeFileSync(project.path('known_hosts'), own);
    await init(project, { yes: true });
    expect(project.read('known_hosts').startsWith(`${own}\n[127.0.0.2]`)).toBe(true);
  });

  test('an unreachable host is named and does not keep the others out', async () => {
    const closed = await freePort();
    const project = new Project(yaml({ server2: closed }));
    const { exitCode, output } = await init(project, { yes: true });
    expect(exitCode).toBe(1);
    expect(output).toContain(
      `! error: server2 ([127.0.0.4]:${closed}) refuses the connection: is its SSH server running, on this port?`,
    );
    expect(project.read('known_hosts').trim().split('\n')).toHaveLength(4);
  });

  test('a host that is known may be switched off', async () => {
    const project = new Project(yaml());
    const closed = await freePort();
    await init(project, { yes: true });
    appendFileSync(project.path('known_hosts'), `[127.0.0.4]:${closed} ssh-ed25519 AAAA\n`);
    project.write(yaml({ server2: closed }));
    const { exitCode, output } = await init(project);
    expect(output).toContain('(its key is known, so this can wait)');
    expect(exitCode).toBe(0);
  });

  test('a changed key is an error with both fingerprints and the way out, whatever was answered', async () => {
    const project = new Project(yaml());
    await init(project, { yes: true });
    const other = Buffer.from('another ecdsa key').toString('base64');
    const before = project
      .read('known_hosts')
      .replace(Buffer.from('ecdsa of 127.0.0.3').toString('base64'), other);
    writeFileSync(project.path('known_hosts'), before);
    const { exitCode, output } = await init(project, { yes: true });
    expect(output).toMatchInlineSnapshot(`
"! error: the host key of server1 ([127.0.0.3]:PORT) is not the one in known_hosts:
    ECDSA  known  SHA256:XkxqlGPyqWaamkventLd55PRia19FzVnWpeIDAwv6/U
    ECDSA  shown  SHA256:NR7A+0b/M2tSd48/S6aZS0G+VjrF2Tj3v4dhBxElkD8
  if the machine was installed anew or replaced, take the old key out and run init again:
    ssh-keygen -R '[127.0.0.3]:PORT' -f known_hosts
  if not, somebody may be in between: do not deploy
nothing changed
! not complete: see to the errors above, then run 'k3s-cdk init -f ./cluster.yaml' again"
`);
    expect(exitCode).toBe(1);
    expect(project.read('known_hosts')).toBe(before);
  });
});

describe('.gitignore', () => {
  test('gets only the lines that it lacks, at its end', async () => {
    const project = new Project(yaml());
    writeFileSync(project.path('.gitignore'), '*.log\n/secrets\n*.tfstate');
    const { output } = await init(project, { yes: true });
    expect(project.read('.gitignore')).toBe('*.log\n/secrets\n*.tfstate\n*.tfstate.*\ncdktf.out/\n');
    expect(output).toContain('.gitignore');
  });

  test('lets known_hosts be committed', async () => {
    const project = new Project(yaml());
    await init(project, { yes: true });
    expect(project.read('.gitignore')).not.toContain('known_hosts');
  });
});

test('certificates that do not fit the cluster any more fail the run until they are renewed', async () => {
  const project = new Project(yaml());
  await init(project, { yes: true });
  project.write(yaml().replace('[192.168.10.10]', '[192.168.10.77]'));
  const stale = await init(project, { yes: true });
  expect(stale.exitCode).toBe(1);
  expect(stale.output).toContain(
    "! error: 'secrets/hosts/storage1/database/server.crt' is for 192.168.10.10, storage1, not for 192.168.10.77, storage1: run 'k3s-cdk init --renew'",
  );
  const renewed = await init(project, { renew: true });
  expect(renewed.exitCode).toBe(0);
  expect(renewed.output).toMatch(/^renewed +secrets\/hosts\/storage1\/database\/ +server.crt$/m);
});

test('an error in cluster.yaml stops it before anything is made', async () => {
  const project = new Project('name: Homelab\n');
  const { exitCode } = await init(project, { yes: true });
  expect(exitCode).toBe(1);
  expect(() => project.read('.gitignore')).toThrow();
});
