import { X509Certificate } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  agentSecrets,
  agentTokenCopies,
  agentTokenFile,
  databaseCa,
  previousTokens,
  secretFiles,
  tokenCopies,
  tokenFile,
} from '../../src/model/secrets';
import { userSecrets } from '../../src/model/user-secrets';
import { ensureSecrets } from '../../src/secrets/ensure';
import { inspectSecrets } from '../../src/secrets/inspect';
import { PrivateFiles } from '../../src/secrets/private-files';
import { clusterYaml, Project } from '../support/project';

const day = 24 * 60 * 60 * 1000;
const now = new Date('2026-06-01T12:00:00Z');
const later = (days: number) => new Date(now.getTime() + days * day);
const serverCertificate = 'secrets/hosts/storage1/database/server.crt';
const clientFolder = 'secrets/hosts/server1/k3s';

function run(project: Project, options: { when?: Date; renew?: boolean } = {}) {
  const { when = now, renew = false } = options;
  return ensureSecrets(project.topology(), { folder: project.folder, now: when, renew });
}

async function newlyInitialised(): Promise<Project> {
  const project = new Project(clusterYaml());
  const report = await run(project);
  expect(report.findings).toEqual([]);
  return project;
}

let first: Project | undefined;

/** A folder after a first run: its keys and certificates are the same for all tests, and made once. */
async function initialised(): Promise<Project> {
  first ??= await newlyInitialised();
  return first.copy();
}

/** Modes of everything below secrets/, as octal text. */
function modes(project: Project): Record<string, string> {
  const entries = readdirSync(project.path('secrets'), { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    [...entries.map((entry) => join(entry.parentPath, entry.name)), project.path('secrets')].map((path) => [
      path,
      `${statSync(path).isDirectory() ? 'folder' : 'file'} ${(statSync(path).mode & 0o777).toString(8)}`,
    ]),
  );
}

describe('a first run', () => {
  test('makes every file that the steps upload, and nothing else', async () => {
    const project = await newlyInitialised();
    expect(Object.keys(project.snapshot()).sort()).toEqual(secretFiles(project.topology()).sort());
  });

  test.each([0o000, 0o022, 0o777])('keeps everything private with umask %o', async (umask) => {
    const before = process.umask(umask);
    try {
      const project = new Project('');
      chmodSync(project.file, 0o600);
      project.write(clusterYaml());
      await run(project);
      expect(new Set(Object.values(modes(project)))).toEqual(new Set(['folder 700', 'file 600']));
    } finally {
      process.umask(before);
    }
  });

  test('copies of the token and of the CA equal their originals', async () => {
    const project = await initialised();
    expect(project.read(tokenFile)).toMatch(/^[0-9a-f]{64}\n$/);
    for (const copy of tokenCopies(project.topology()))
      expect(project.read(copy)).toBe(project.read(tokenFile));
    for (const copy of agentTokenCopies(project.topology()))
      expect(project.read(copy)).toBe(project.read(agentTokenFile));
    for (const copy of ['secrets/hosts/storage1/database/ca.crt', `${clientFolder}/datastore-ca.crt`])
      expect(project.read(copy)).toBe(project.read(databaseCa.certificate));
  });

  test('no two clusters share a secret', async () => {
    const [one, two] = [await newlyInitialised(), await newlyInitialised()];
    for (const path of secretFiles(one.topology())) expect(one.read(path)).not.toBe(two.read(path));
  });

  test('interrupted at any file, continues from there', async () => {
    const project = new Project(clusterYaml({ servers: ['server1'] }));
    const runs = await interruptions('create', project, async () => {
      rmSync(project.path('secrets'), { recursive: true, force: true });
      return run(project);
    });
    expect(runs).toBe(secretFiles(project.topology()).length);
  });

  /**
   * Runs `start` again and again, throwing at the first, second, ... call of `method`; after each, a run without
   * interruption has to end complete and keep what was there. Returns after how many calls nothing was left to stop.
   */
  async function interruptions(
    method: 'create' | 'replace',
    project: Project,
    start: () => Promise<unknown>,
    resume: () => ReturnType<typeof run> = () => run(project),
  ): Promise<number> {
    const original = PrivateFiles.prototype[method];
    for (let calls = 0; ; calls += 1) {
      let left = calls;
      const spy = jest.spyOn(PrivateFiles.prototype, method).mockImplementation(function (
        this: PrivateFiles,
        ...args
      ) {
        if (left-- === 0) throw new Error('interrupted');
        original.apply(this, args);
      });
      const interrupted = await start().then(
        () => false,
        (error: Error) => error.message === 'interrupted',
      );
      spy.mockRestore();
      if (!interrupted) return calls;
      const before = existsSync(project.path('secrets')) ? project.snapshot() : {};
      expect((await resume()).findings).toEqual([]);
      if (method === 'create') expect(project.snapshot()).toMatchObject(before);
      expect(Object.keys(project.snapshot()).sort()).toEqual(secretFiles(project.topology()).sort());
      expect((await run(project, { when: later(3000) })).complete).toBe(method === 'replace');
    }
  }

  test('a renewal interrupted at any file is finished by the next one', async () => {
    const project = new Project(clusterYaml({ servers: ['server1'] }));
    const when = later(3000);
    const runs = await interruptions(
      'replace',
      project,
      async () => {
        rmSync(project.path('secrets'), { recursive: true, force: true });
        await run(project);
        return run(project, { when, renew: true });
      },
      () => run(project, { when, renew: true }),
    );
    // The CA, two certificates and two copies of the CA.
    expect(runs).toBe(5);
  });
});

describe('a second run', () => {
  test('touches nothing', async () => {
    const project = await initialised();
    const before = project.snapshot();
    const report = await run(project, { when: later(30) });
    expect(report.changes).toEqual([]);
    expect(project.snapshot()).toEqual(before);
  });

  test('makes only what a new host needs', async () => {
    const project = await initialised();
    const before = project.snapshot();
    project.write(clusterYaml({ servers: ['server1', 'server2', 'server3'] }));
    const report = await run(project);
    expect(report.changes.map(({ path }) => path).sort()).toEqual([
      'secrets/hosts/server3/k3s/agent-token',
      'secrets/hosts/server3/k3s/datastore-ca.crt',
      'secrets/hosts/server3/k3s/datastore-client.crt',
      'secrets/hosts/server3/k3s/datastore-client.key',
      'secrets/hosts/server3/k3s/token',
    ]);
    expect(project.snapshot()).toMatchObject(before);
  });

  test('names the files of a host that is gone and keeps them', async () => {
    const project = await initialised();
    project.write(clusterYaml({ servers: ['server1'] }));
    const before = project.snapshot();
    const report = await run(project);
    expect(report.unused).toEqual([
      'secrets/hosts/server2/k3s/agent-token',
      'secrets/hosts/server2/k3s/datastore-ca.crt',
      'secrets/hosts/server2/k3s/datastore-client.crt',
      'secrets/hosts/server2/k3s/datastore-client.key',
      'secrets/hosts/server2/k3s/token',
    ]);
    expect(project.snapshot()).toEqual(before);
  });

  test('closes files that others can read, and says so', async () => {
    const project = await initialised();
    chmodSync(project.path(tokenFile), 0o644);
    chmodSync(project.path(clientFolder), 0o755);
    expect((await run(project)).changes).toEqual([
      { kind: 'protected', path: `${clientFolder}/` },
      { kind: 'protected', path: tokenFile },
    ]);
    expect(new Set(Object.values(modes(project)))).toEqual(new Set(['folder 700', 'file 600']));
  });

  test('removes what a killed run has left', async () => {
    const project = await initialised();
    const remains = project.path(`${clientFolder}/.token.0123456789abcdef.tmp`);
    writeFileSync(remains, 'half a secret');
    const report = await run(project);
    expect(existsSync(remains)).toBe(false);
    expect(report.unused).toEqual([]);
  });

  test('does not replace a file that somebody else makes at the same time', () => {
    const project = new Project('');
    const files = new PrivateFiles(project.folder);
    files.create('secrets/x', 'first');
    expect(() => files.create('secrets/x', 'second')).toThrow(
      "'secrets/x' was made by someone else at the same time: run the command again",
    );
    expect(project.read('secrets/x')).toBe('first');
    expect(readdirSync(project.path('secrets'))).toEqual(['x']);
  });
});

describe('the token', () => {
  test("may be the user's own, but a short one is warned of", async () => {
    const project = new Project(clusterYaml());
    mkdirSync(project.path('secrets'));
    writeFileSync(project.path(tokenFile), 'hunter2');
    const report = await run(project);
    expect(report.findings).toEqual([
      {
        severity: 'warning',
        message: expect.stringContaining("'secrets/k3s-token' has less than 32 characters"),
      },
    ]);
    expect(JSON.stringify(report)).not.toContain('hunter2');
    expect(project.read(`${clientFolder}/token`)).toBe('hunter2');
  });

  test('is restored from its copies when it is lost', async () => {
    const project = await initialised();
    const token = project.read(tokenFile);
    rmSync(project.path(tokenFile));
    expect((await run(project)).changes).toEqual([{ kind: 'restored', path: tokenFile }]);
    expect(project.read(tokenFile)).toBe(token);
  });

  test('is never overwritten: a copy that differs is an error', async () => {
    const project = await initialised();
    writeFileSync(project.path(`${clientFolder}/token`), 'x'.repeat(64));
    const before = project.snapshot();
    const report = await run(project, { renew: true });
    expect(report.complete).toBe(false);
    expect(report.findings.map(({ message }) => message)).toEqual([
      "'secrets/hosts/server1/k3s/token' differs from 'secrets/k3s-token': find out which one the cluster runs with and copy it over the other",
    ]);
    expect(project.snapshot()).toEqual(before);
  });

  test('is not guessed when it is lost and its copies differ', async () => {
    const project = await initialised();
    rmSync(project.path(tokenFile));
    writeFileSync(project.path(`${clientFolder}/token`), 'x'.repeat(64));
    const report = await run(project);
    expect(report.findings[0]?.message).toContain('its copies differ');
    expect(existsSync(project.path(tokenFile))).toBe(false);
  });
});

describe('a replaced token', () => {
  test('is another one in all copies, and what it was is kept for backups', async () => {
    const project = await initialised();
    const [token, agents] = [project.read(tokenFile), project.read(agentTokenFile)];
    const report = await ensureSecrets(project.topology(), {
      folder: project.folder,
      now,
      rotate: 'servers',
    });
    expect(report.findings).toEqual([]);
    expect(project.read(tokenFile)).toMatch(/^[0-9a-f]{64}\n$/);
    expect(project.read(tokenFile)).not.toBe(token);
    for (const copy of tokenCopies(project.topology()))
      expect(project.read(copy)).toBe(project.read(tokenFile));
    for (const file of [previousTokens(tokenFile), 'secrets/hosts/storage1/backup/previous-tokens'])
      expect(project.read(file)).toBe(token);
    expect(project.read(agentTokenFile)).toBe(agents);
    expect(await run(project)).toMatchObject({ changes: [], findings: [], unused: [] });
  });

  test('twice, before it was deployed, forgets neither of the former ones', async () => {
    const project = await initialised();
    const tokens = [project.read(tokenFile)];
    for (let time = 0; time < 2; time += 1) {
      await ensureSecrets(project.topology(), { folder: project.folder, now, rotate: 'servers' });
      tokens.push(project.read(tokenFile));
    }
    expect(project.read(previousTokens(tokenFile))).toBe(tokens.slice(0, 2).join(''));
  });

  test('of the agents leaves that of the servers as it is', async () => {
    const project = await initialised();
    const [token, agents] = [project.read(tokenFile), project.read(agentTokenFile)];
    await ensureSecrets(project.topology(), { folder: project.folder, now, rotate: 'agents' });
    expect(project.read(tokenFile)).toBe(token);
    expect(project.read(agentTokenFile)).not.toBe(agents);
    for (const copy of agentTokenCopies(project.topology()))
      expect(project.read(copy)).toBe(project.read(agentTokenFile));
  });

  test.each(['servers', 'agents'] as const)(
    'of %s is finished after an interruption at any file',
    async (rotate) => {
      const original = PrivateFiles.prototype.replace;
      for (let calls = 0; ; calls += 1) {
        const project = await initialised();
        const before = project.read(rotate === 'servers' ? tokenFile : agentTokenFile);
        let left = calls;
        const spy = jest.spyOn(PrivateFiles.prototype, 'replace').mockImplementation(function (
          this: PrivateFiles,
          ...args
        ) {
          if (left-- === 0) throw new Error('interrupted');
          original.apply(this, args);
        });
        const interrupted = await ensureSecrets(project.topology(), {
          folder: project.folder,
          now,
          rotate,
        }).then(
          () => false,
          () => true,
        );
        spy.mockRestore();
        const report = await run(project);
        expect({ calls, findings: report.findings }).toEqual({ calls, findings: [] });
        const file = rotate === 'servers' ? tokenFile : agentTokenFile;
        if (project.read(file) !== before) expect(project.read(previousTokens(file))).toBe(before);
        if (!interrupted) return;
      }
    },
  );
});

describe('a cluster that has run', () => {
  /** `resources` of Terraform's state beside cluster.yaml. */
  function withState(project: Project, resources: readonly unknown[] = [{}]): Project {
    writeFileSync(project.path(`${project.topology().name}.tfstate`), JSON.stringify({ resources }));
    return project;
  }

  test('gets no new token and no new CA when secrets/ is lost', async () => {
    const project = withState(new Project(clusterYaml()));
    const report = await run(project);
    expect(report.changes).toEqual([]);
    expect(report.findings).toEqual([
      {
        severity: 'error',
        message:
          "'secrets/k3s-token' is missing, which the data of the running cluster is encrypted with: restore it from your copy of secrets/, or fetch it with 'k3s-cdk init --from-hosts'",
      },
    ]);
    expect(existsSync(project.path('secrets'))).toBe(false);
  });

  test('gets no new CA when only the token was restored', async () => {
    const project = withState(new Project(clusterYaml()));
    mkdirSync(project.path('secrets'), { mode: 0o700 });
    writeFileSync(project.path(tokenFile), `${'a'.repeat(64)}\n`, { mode: 0o600 });
    const { findings } = await run(project);
    expect(findings.map(({ message }) => message).join()).toContain("'k3s-cdk init --from-hosts'");
    expect(existsSync(project.path(databaseCa.certificate))).toBe(false);
  });

  test('and was destroyed starts from scratch', async () => {
    const project = withState(new Project(clusterYaml()), []);
    expect((await run(project)).findings).toEqual([]);
  });
});

describe('the token of the agents', () => {
  const agentCopy = `${agentSecrets().folder}/token`;

  test('is another one, and agents get no other', async () => {
    const project = await initialised();
    expect(project.read(agentTokenFile)).toMatch(/^[0-9a-f]{64}\n$/);
    expect(project.read(agentTokenFile)).not.toBe(project.read(tokenFile));
    expect(readdirSync(project.path(agentSecrets().folder))).toEqual(['token']);
    expect(project.read(agentCopy)).toBe(project.read(agentTokenFile));
  });

  test('replaces the server token, which agents had in older clusters', async () => {
    const project = await initialised();
    const token = project.read(tokenFile);
    for (const path of [agentTokenFile, ...agentTokenCopies(project.topology())]) rmSync(project.path(path));
    writeFileSync(project.path(agentCopy), token, { mode: 0o600 });
    const report = await run(project);
    expect(report.findings).toEqual([]);
    expect(report.changes).toEqual([
      { kind: 'created', path: agentTokenFile },
      { kind: 'created', path: 'secrets/hosts/server1/k3s/agent-token' },
      { kind: 'created', path: 'secrets/hosts/server2/k3s/agent-token' },
      { kind: 'copied', path: agentCopy },
    ]);
    expect(project.read(tokenFile)).toBe(token);
    expect(project.read(agentCopy)).toBe(project.read(agentTokenFile));
    expect(project.read(agentTokenFile)).not.toBe(token);
  });

  test('is restored from its copies when it is lost', async () => {
    const project = await initialised();
    const token = project.read(agentTokenFile);
    rmSync(project.path(agentTokenFile));
    expect((await run(project)).changes).toEqual([{ kind: 'restored', path: agentTokenFile }]);
    expect(project.read(agentTokenFile)).toBe(token);
  });
});

/** A file that a user writes. */
function write(project: Project, path: string, text: string | Buffer): void {
  mkdirSync(dirname(project.path(path)), { recursive: true, mode: 0o700 });
  writeFileSync(project.path(path), text, { mode: 0o600 });
}

const [server1, server2, agents] = [
  'secrets/hosts/server1/k3s',
  'secrets/hosts/server2/k3s',
  'secrets/agents/k3s',
];

/** cluster.yaml whose nodes name files of secrets/k3s/: all of them one, servers another. */
const namesFiles = `${clusterYaml().replace(
  /^k3s: \{ (.*) \}$/m,
  `k3s:
  $1
  config:
    vpn-auth-file: /etc/rancher/k3s/secrets/vpn
    kube-apiserver-arg: ['audit-webhook-config-file=/etc/rancher/k3s/secrets/audit.yaml']`,
)}`;

describe.each([
  [
    'credentials of registries',
    clusterYaml(),
    'secrets/registries.yaml',
    [server1, server2, agents],
    'registries.yaml',
  ],
  ['a file that all nodes name', namesFiles, 'secrets/k3s/vpn', [server1, server2, agents], 'files/vpn'],
  ['a file that servers name', namesFiles, 'secrets/k3s/audit.yaml', [server1, server2], 'files/audit.yaml'],
])('%s', (_, yaml, original, folders, name) => {
  const copies = folders.map((folder) => `${folder}/${name}`);
  const doctor = (project: Project) => inspectSecrets(project.topology(), { folder: project.folder, now });

  async function started(): Promise<Project> {
    const project = await initialised();
    project.write(yaml);
    for (const other of userSecrets(project.topology()))
      if (other.original !== original && other.neededBy.length > 0) write(project, other.original, 'x\n');
    await run(project);
    return project;
  }

  test('is copied for the nodes, and again when it changes', async () => {
    const project = await started();
    for (const text of ['password: one\n', 'password: two\n']) {
      write(project, original, text);
      expect(doctor(project)).toMatchObject([{ message: expect.stringContaining("run 'k3s-cdk init'") }]);
      const report = await run(project);
      expect(report.changes).toEqual(copies.map((path) => ({ kind: 'copied', path })));
      expect(report).toMatchObject({ findings: [], unused: [] });
      for (const copy of copies) expect(project.read(copy)).toBe(text);
      expect((await run(project)).changes).toEqual([]);
      expect(doctor(project)).toEqual([]);
    }
    expect(new Set(Object.values(modes(project)))).toEqual(new Set(['folder 700', 'file 600']));
  });

  test('without an original is named and left', async () => {
    const project = await started();
    write(project, copies[0] ?? '', 'copy\n');
    const finding = {
      message: expect.stringContaining(`'${copies[0]}' is uploaded, but there is no '${original}'`),
    };
    expect((await run(project)).findings).toMatchObject([finding]);
    expect(doctor(project)).toMatchObject([finding]);
    expect(project.read(copies[0] ?? '')).toBe('copy\n');
  });

  test('that is not text is reported, not partly copied', async () => {
    const project = await started();
    write(project, original, Buffer.from([0xff, 0xfe, 0x00]));
    const finding = { severity: 'error', message: `'${original}' is not text in UTF-8, which it has to be` };
    expect((await run(project)).findings).toEqual([finding]);
    expect(doctor(project)).toEqual([finding]);
    for (const copy of copies) expect(existsSync(project.path(copy))).toBe(false);
  });
});

test('a file that nodes name and nobody has written is an error, until the user writes it', async () => {
  const project = await initialised();
  project.write(namesFiles);
  const report = await run(project);
  expect(report.findings).toEqual([
    { severity: 'error', message: "'secrets/k3s/audit.yaml' is missing, which 'server1' needs: write it" },
    { severity: 'error', message: "'secrets/k3s/vpn' is missing, which 'server1' needs: write it" },
  ]);
  expect(report.complete).toBe(false);
});

test('a file in secrets/k3s/ that no node refers to any more is reported as unused', async () => {
  const project = await initialised();
  write(project, 'secrets/k3s/vpn', 'x\n');
  expect((await run(project)).unused).toEqual(['secrets/k3s/vpn']);
});

describe('certificates', () => {
  test('that are due are named, and renewed on demand with the same key', async () => {
    const project = await initialised();
    const before = project.snapshot();
    const due = await run(project, { when: later(740) });
    expect(due.complete).toBe(true);
    expect(due.findings.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
      `warning: '${serverCertificate}' expires on 2028-09-02: run 'k3s-cdk init --renew'`,
      `warning: '${clientFolder}/datastore-client.crt' expires on 2028-09-02: run 'k3s-cdk init --renew'`,
      "warning: 'secrets/hosts/server2/k3s/datastore-client.crt' expires on 2028-09-02: run 'k3s-cdk init --renew'",
    ]);
    expect(project.snapshot()).toEqual(before);

    const renewed = await run(project, { when: later(740), renew: true });
    expect(renewed.findings).toEqual([]);
    const changed = Object.entries(project.snapshot()).filter(
      ([path, { content }]) => content !== before[path]?.content,
    );
    expect(changed.map(([path]) => path)).toEqual(renewed.changes.map(({ path }) => path).sort());
    expect(changed.map(([path]) => path).every((path) => path.endsWith('.crt'))).toBe(true);
    expect((await run(project, { when: later(740) })).findings).toEqual([]);
  });

  test('only the one whose names changed is renewed', async () => {
    const project = await initialised();
    project.write(clusterYaml({ database: '192.168.10.77' }));
    const stale = await run(project);
    expect(stale.complete).toBe(false);
    expect(stale.findings.map(({ message }) => message)).toEqual([
      `'${serverCertificate}' is for 192.168.10.10, storage1, not for 192.168.10.77, storage1: run 'k3s-cdk init --renew'`,
    ]);
    const renewed = await run(project, { renew: true });
    expect(renewed.changes).toEqual([{ kind: 'renewed', path: serverCertificate }]);
    expect(new X509Certificate(project.read(serverCertificate)).checkIP('192.168.10.77')).toBeDefined();
  });

  test('a lost client key is replaced together with its certificate', async () => {
    const project = await initialised();
    rmSync(project.path(`${clientFolder}/datastore-client.key`));
    expect((await run(project)).findings[0]?.message).toBe(
      `'${clientFolder}/datastore-client.crt' has lost its key: run 'k3s-cdk init --renew'`,
    );
    expect((await run(project, { renew: true })).changes).toEqual([
      { kind: 'created', path: `${clientFolder}/datastore-client.key` },
      { kind: 'renewed', path: `${clientFolder}/datastore-client.crt` },
    ]);
    expect((await run(project)).findings).toEqual([]);
  });
});

describe('the CA', () => {
  test('is renewed with its key when it is due, and its copies follow', async () => {
    const project = await initialised();
    const before = project.snapshot();
    const when = later(3000);
    expect(
      (await run(project, { when })).findings.map(({ severity, message }) => `${severity}: ${message}`),
    ).toContain("warning: 'secrets/database-ca.crt' expires on 2036-05-29: run 'k3s-cdk init --renew'");
    expect((await run(project, { when, renew: true })).findings).toEqual([]);
    expect(project.read(databaseCa.key)).toBe(before[databaseCa.key]?.content);
    expect(project.read(`${clientFolder}/datastore-ca.crt`)).toBe(project.read(databaseCa.certificate));
    expect(project.read(databaseCa.certificate)).not.toBe(before[databaseCa.certificate]?.content);
  });

  test('copies of its certificate are refreshed after an interrupted renewal', async () => {
    const project = await initialised();
    const copy = `${clientFolder}/datastore-ca.crt`;
    writeFileSync(project.path(copy), 'older');
    expect((await run(project)).changes).toEqual([{ kind: 'copied', path: copy }]);
    expect(project.read(copy)).toBe(project.read(databaseCa.certificate));
  });

  test('needs its key only to make certificates', async () => {
    const project = await initialised();
    rmSync(project.path(databaseCa.key));
    expect((await run(project)).findings).toEqual([]);
    project.write(clusterYaml({ servers: ['server1', 'server2', 'server3'] }));
    const report = await run(project);
    expect(report.complete).toBe(false);
    expect(report.findings[0]?.message).toMatch(
      /^'secrets\/database-ca.key' is missing, which 'secrets\/hosts\/server3\/k3s\/datastore-client.crt' is made with: restore it from your copy of secrets\//,
    );
  });

  test('is not replaced silently when it is lost', async () => {
    const project = await initialised();
    rmSync(project.path(databaseCa.key));
    rmSync(project.path(databaseCa.certificate));
    const before = project.snapshot();
    expect((await run(project)).findings[0]?.message).toMatch(
      /are missing, but certificates of that CA are in use/,
    );
    expect(project.snapshot()).toEqual(before);
    expect((await run(project, { renew: true })).findings).toEqual([]);
    expect((await run(project)).changes).toEqual([]);
  });

  test('of a foreign pair is left alone, with everything that depends on it', async () => {
    const [project, other] = [await initialised(), await newlyInitialised()];
    writeFileSync(project.path(databaseCa.key), other.read(databaseCa.key));
    const before = project.snapshot();
    const report = await run(project, { renew: true });
    expect(report.findings[0]?.message).toMatch(
      /^'secrets\/database-ca.crt' does not belong to its key: restore/,
    );
    expect(project.snapshot()).toEqual(before);
  });

  test('is not handed to hosts whose certificates are from another one', async () => {
    const [project, other] = [await initialised(), await newlyInitialised()];
    for (const path of [databaseCa.key, databaseCa.certificate])
      writeFileSync(project.path(path), other.read(path));
    const before = project.snapshot();
    const report = await run(project);
    expect(report.findings.map(({ message }) => message)).toContain(
      `'${serverCertificate}' is from another CA: run 'k3s-cdk init --renew'`,
    );
    expect(project.snapshot()).toEqual(before);
  });
});
