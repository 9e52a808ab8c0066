import { appendFileSync, statSync, writeFileSync } from 'node:fs';
import { initCommand } from '../../src/commands/init';
import { printingTo } from '../../src/commands/terminal';
import { agentTokenFile, secretFiles, tokenFile } from '../../src/model/secrets';
import { Project } from '../support/project';
import { RecordingTerminal } from '../support/recording-terminal';
import { StubPrograms } from '../support/stub-programs';

/** Nothing listens here; every other port takes connections. */
const closed = 9;
jest.mock('../../src/ssh/reach', () => ({
  connectFailure: async (_address: string, port: number) =>
    port === 9 ? 'refuses the connection' : undefined,
}));

/** Two keys for each address, the last argument. */
const keyscan = `for address; do :; done
echo "$address ecdsa-sha2-nistp256 $(printf %s "ecdsa of $address" | base64)"
echo "$address ssh-ed25519 $(printf %s "ed25519 of $address" | base64)"`;
let programs: StubPrograms;
beforeAll(() => {
  programs = new StubPrograms();
  programs.add('ssh-keyscan', keyscan);
});
afterAll(() => programs.remove());

function yaml(ports: { server2?: number } = {}): string {
  return `name: homelab
ssh: { user: pi, port: 2222 }
hosts:
  - { name: storage1, address: 192.168.10.10, roles: [database, nfs] }
  - { name: server1, address: 192.168.10.11, roles: [server] }
  - { name: server2, address: 192.168.10.12, roles: [server], ssh: { port: ${ports.server2 ?? 2222} } }
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
  const terminal = printingTo(new RecordingTerminal(project.folder), {
    print: (line) => lines.push(line),
    error: (line) => lines.push(`! ${line}`),
  });
  const confirm = async (question: string) => {
    questions.push(question);
    return answer === true;
  };
  const exitCode = await initCommand(
    { file: project.file, yes, renew, fromHosts: false },
    { now: new Date(), confirm: answer === undefined ? undefined : confirm },
    terminal,
  );
  const output = lines.join('\n').replaceAll(project.folder, '.');
  return { exitCode, output, questions };
}

test('makes everything and says what, in a few lines', async () => {
  const project = new Project(yaml());
  const { exitCode, output } = await init(project, { yes: true });
  expect(output).toMatchInlineSnapshot(`
"added    .gitignore                        /secrets *.tfstate *.tfstate.* /cdktf.out/ /.k3s-cdk/
created  secrets/                          k3s-token k3s-agent-token database-ca.key database-ca.crt
created  secrets/hosts/server1/k3s/        token agent-token datastore-client.key datastore-client.crt datastore-ca.crt
created  secrets/hosts/server2/k3s/        token agent-token datastore-client.key datastore-client.crt datastore-ca.crt
created  secrets/hosts/storage1/backup/    token
created  secrets/hosts/storage1/database/  server.key server.crt ca.crt
new host keys:
  storage1 ([192.168.10.10]:2222)
    ECDSA    SHA256:/DwF5TyQnoE+goJkP9ULCIPjdsEqiFUBQMZ5nmzD8+s
    ED25519  SHA256:pK1Osn+K4/rD0z0neJnRyPKZub+UoSADK4f/SMndGWQ
  server1 ([192.168.10.11]:2222)
    ECDSA    SHA256:iQKxAjSJRAYViFrqtjmlY1SSBRtfrtJcNCkP/NoJE7o
    ED25519  SHA256:Ec45jNdF+8wj/UGa9Znc4n9gbKwCIGgln6pkS4fbPSs
  server2 ([192.168.10.12]:2222)
    ECDSA    SHA256:/q68YWlOhTdr+6j3VMR9Jig05EHQjvfUwJoSNinklkE
    ED25519  SHA256:oTAAcczke/PXafAO+hieLVFi155X1vU6xXKxVmS3pGE
added  known_hosts  3 hosts
keep a copy of secrets/ in a safe place: a backup of the database cannot be read without the token

homelab
├─ API: virtual IP 192.168.10.5 :6443
│  ├─ server1   192.168.10.11
│  └─ server2   192.168.10.12
├─ Postgres, NFS
│  └─ storage1  192.168.10.10
└─ ServiceLB: services of type LoadBalancer get the addresses of the nodes

next: k3s-cdk doctor"
`);
  expect(exitCode).toBe(0);
});

test('prints no secret', async () => {
  const project = new Project(yaml());
  const { output } = await init(project, { yes: true });
  const secrets = [
    tokenFile,
    agentTokenFile,
    ...secretFiles(project.topology()).filter((path) => path.endsWith('.key')),
  ];
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
  expect(output).toMatch(
    /^nothing to do: all secrets are there, 3 hosts known\n\n(?:.*\n)*\nnext: k3s-cdk doctor$/,
  );
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
    expect(project.read('known_hosts').split('\n').slice(0, 2)).toEqual([
      `[192.168.10.10]:2222 ecdsa-sha2-nistp256 ${Buffer.from('ecdsa of 192.168.10.10').toString('base64')}`,
      `[192.168.10.10]:2222 ssh-ed25519 ${Buffer.from('ed25519 of 192.168.10.10').toString('base64')}`,
    ]);
  });

  test('gets no key without a terminal and without --yes: the fingerprints and the command are printed', async () => {
    const project = new Project(yaml());
    const { exitCode, output } = await init(project);
    expect(exitCode).toBe(1);
    expect(output.match(/SHA256:/g)).toHaveLength(6);
    expect(output).toContain(
      "! error: no key was added to known_hosts: to trust the keys above, run 'k3s-cdk init --yes'",
    );
    expect(() => project.read('known_hosts')).toThrow();
  });

  test('gets no key that a person rejects, who is not told how to accept it all the same', async () => {
    const project = new Project(yaml());
    const { exitCode, output } = await init(project, { answer: false });
    expect(exitCode).toBe(1);
    expect(output).toContain(
      '! error: no key was added to known_hosts, since you did not accept those above: ',
    );
    expect(output).not.toContain('--yes');
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
    expect(project.read('known_hosts').startsWith(`${own}\n[192.168.10.10]`)).toBe(true);
  });

  test('an unreachable host is named and does not keep the others out', async () => {
    const project = new Project(yaml({ server2: closed }));
    const { exitCode, output } = await init(project, { yes: true });
    expect(exitCode).toBe(1);
    expect(output).toContain(`! error: server2 ([192.168.10.12]:${closed}) refuses the connection`);
    expect(project.read('known_hosts').trim().split('\n')).toHaveLength(4);
  });

  test('a host that is known may be switched off', async () => {
    const project = new Project(yaml());
    await init(project, { yes: true });
    appendFileSync(project.path('known_hosts'), `[192.168.10.12]:${closed} ssh-ed25519 AAAA\n`);
    project.write(yaml({ server2: closed }));
    const { exitCode, output } = await init(project);
    expect(output).toContain('(its key is known, so this can wait)');
    expect(exitCode).toBe(0);
  });

  test('hosts that were installed from one image with its keys are named', async () => {
    const project = new Project(yaml());
    programs.add('ssh-keyscan', "echo 'host ssh-ed25519 AAAA'");
    const { output } = await init(project, { yes: true });
    programs.add('ssh-keyscan', keyscan);
    expect(output).toContain(
      '! warning: storage1, server1, server2 show the same key, as copies of one disk image do',
    );
  });

  test('a changed key is an error with both fingerprints and the way out, whatever was answered', async () => {
    const project = new Project(yaml());
    await init(project, { yes: true });
    const other = Buffer.from('another ecdsa key').toString('base64');
    const before = project
      .read('known_hosts')
      .replace(Buffer.from('ecdsa of 192.168.10.11').toString('base64'), other);
    writeFileSync(project.path('known_hosts'), before);
    const { exitCode, output } = await init(project, { yes: true });
    expect(output).toMatchInlineSnapshot(`
"! error: the host key of server1 ([192.168.10.11]:2222) is not the one in known_hosts:
    ECDSA  known  SHA256:XkxqlGPyqWaamkventLd55PRia19FzVnWpeIDAwv6/U
    ECDSA  shown  SHA256:iQKxAjSJRAYViFrqtjmlY1SSBRtfrtJcNCkP/NoJE7o
  if the machine was reinstalled or replaced, take the old key out and run init again:
    ssh-keygen -R '[192.168.10.11]:2222' -f known_hosts
  if not, somebody may be intercepting the connection: do not deploy
! not complete: fix the errors above, then run 'k3s-cdk init' again"
`);
    expect(exitCode).toBe(1);
    expect(project.read('known_hosts')).toBe(before);
  });
});

describe('.gitignore', () => {
  test('gets only missing lines, at its end', async () => {
    const project = new Project(yaml());
    writeFileSync(project.path('.gitignore'), '*.log\n/secrets\n*.tfstate');
    const { output } = await init(project, { yes: true });
    expect(project.read('.gitignore')).toBe(
      '*.log\n/secrets\n*.tfstate\n*.tfstate.*\n/cdktf.out/\n/.k3s-cdk/\n',
    );
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
  project.write(yaml().replace('192.168.10.10,', '192.168.10.20,'));
  const stale = await init(project, { yes: true });
  expect(stale.exitCode).toBe(1);
  expect(stale.output).toContain(
    "! error: 'secrets/hosts/storage1/database/server.crt' is for 192.168.10.10, storage1, not for 192.168.10.20, storage1: run 'k3s-cdk init --renew'",
  );
  const renewed = await init(project, { renew: true });
  expect(renewed.exitCode).toBe(0);
  expect(renewed.output).toMatch(/^renewed +secrets\/hosts\/storage1\/database\/ +server.crt$/m);
});

test('an error in cluster.yaml stops it before anything is created', async () => {
  const project = new Project('name: Homelab\n');
  const { exitCode } = await init(project, { yes: true });
  expect(exitCode).toBe(1);
  expect(() => project.read('.gitignore')).toThrow();
});
