import fs, { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, parseConfig } from '../../src/config/load';

const valid = `
name: homelab
ssh: { user: pi }
hosts:
  - { name: board, address: 192.168.10.10, roles: [database, nfs, server] }
k3s: { version: v1.36.5+k3s1 }
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'k3s-cdk-load-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, content: string | Buffer): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

/** The one message about a file, at its start. */
function complaint(file: string): string | undefined {
  const { config, issues } = loadConfig(file, 'cluster.yaml');
  expect(config).toBeUndefined();
  expect(issues).toHaveLength(1);
  expect(issues[0]).toMatchObject({ file: 'cluster.yaml', line: 1, column: 1, severity: 'error' });
  return issues[0]?.message;
}

describe('files that cannot be read', () => {
  test('a missing file', () => {
    expect(complaint(join(folder, 'missing.yaml'))).toMatch(/there is no such file: .*k3s-cdk init/);
  });
  test('a directory', () => {
    expect(complaint(folder)).toMatch(/this is a directory: name the file in it/);
  });
  test('a file without permission', () => {
    const denied = Object.assign(new Error('denied'), { code: 'EACCES' });
    const open = jest.spyOn(fs, 'openSync').mockImplementationOnce(() => {
      throw denied;
    });
    expect(complaint('cluster.yaml')).toMatch(/you have no permission/);
    open.mockRestore();
  });
  test('a path through a file', () => {
    expect(complaint(join(write('file.yaml', valid), 'cluster.yaml'))).toMatch(/cannot be read: ENOTDIR/);
  });
  test('ten megabytes, without reading them all', () => {
    const file = write('large.yaml', Buffer.alloc(10_000_000, '#'));
    const start = performance.now();
    expect(complaint(file)).toMatch(/larger than 1 MB/);
    expect(performance.now() - start).toBeLessThan(30_000);
  });
  test('a device without end', () => {
    expect(complaint('/dev/zero')).toMatch(/larger than 1 MB/);
  });
});

describe('texts that are read all the same', () => {
  test.each([
    ['a byte order mark', `\ufeff${valid}`],
    ['Windows line ends', valid.replaceAll('\n', '\r\n')],
    ['no line end at the end', valid.trimEnd()],
    ['a start and an end of the document', `---\n${valid}...\n`],
    ['comments with any letters', `# 家 é 🏠 \u00a0\n${valid}`],
  ])('%s', (_, text) => {
    const { config, issues } = loadConfig(write('valid.yaml', text));
    expect(issues).toEqual([]);
    expect(config?.name).toBe('homelab');
  });

  test('aliases and merges', () => {
    const { config, issues } = parseConfig(
      `
name: homelab
ssh: { user: pi }
hosts:
  - { name: storage, address: 192.168.10.10, roles: [database] }
  - &server { name: server1, address: 192.168.10.11, roles: &roles [server], labels: { a: b } }
  - { <<: *server, name: server2, address: 192.168.10.12 }
  - { name: server3, address: 192.168.10.13, roles: *roles }
api: { address: 192.168.10.5 }
k3s: { version: v1.36.5+k3s1 }
`,
      'cluster.yaml',
    );
    expect(issues).toEqual([]);
    expect(config?.hosts[2]).toMatchObject({ name: 'server2', roles: ['server'], labels: { a: 'b' } });
    expect(config?.hosts[3]?.roles).toEqual(['server']);
  });

  test('one alias used by a thousand hosts', () => {
    const hosts = Array.from(
      { length: 1000 },
      (_, n) => `  - { name: agent${n}, address: 10.0.${n >> 8}.${n & 255}, roles: [agent], labels: *l }`,
    );
    const { issues } = parseConfig(
      `
name: large
ssh: { user: pi }
hosts:
  - { name: server, address: 10.0.255.1, roles: [server, database], labels: &l { rack: a, room: b } }
${hosts.slice(1).join('\n')}
network: { nodes: [10.0.0.0/16], pods: [10.128.0.0/10] }
k3s: { version: v1.36.5+k3s1 }
`,
      'cluster.yaml',
    );
    expect(issues).toEqual([]);
  });
});

describe('texts that would take forever', () => {
  test.each([
    ['aliases of aliases', 'alias-bomb', bomb()],
    ['brackets', 'syntax', '['.repeat(100_000)],
    ['nested mappings', 'too-deep', nested(300)],
    ['closing brackets', 'syntax', ']'.repeat(1_000_000)],
    ['unknown keys', 'unknown-key', Array.from({ length: 20_000 }, (_, n) => `k${n}: 1`).join('\n')],
  ])('%s are refused in seconds', (_, code, text) => {
    const start = performance.now();
    const { config, issues } = parseConfig(text, 'cluster.yaml');
    expect(performance.now() - start).toBeLessThan(30_000);
    expect(config).toBeUndefined();
    expect(issues.map((issue) => issue.code)).toContain(code);
  });
});

function bomb(): string {
  const level = (n: number) =>
    `l${n}: &l${n} [${Array(9)
      .fill(`*l${n - 1}`)
      .join(', ')}]`;
  return ['l0: &l0 lol', ...Array.from({ length: 12 }, (_, n) => level(n + 1))].join('\n');
}

function nested(depth: number): string {
  return Array.from({ length: depth }, (_, n) => `${' '.repeat(n)}a:`).join('\n');
}

describe('what is reported', () => {
  test('problems of all kinds come at once, in the order of the file', () => {
    const { issues } = parseConfig(
      valid.replace('name: homelab', 'nmae: homelab').replace('192.168.10.10', '127.0.0.1') +
        'foo: 1\nk3s: {}\n',
      'cluster.yaml',
    );
    expect(issues.map(({ line, code }) => [line, code])).toEqual([
      [2, 'unknown-key'],
      [5, 'usable-addresses'],
      [7, 'unknown-key'],
      [8, 'duplicate-key'],
    ]);
  });

  test('a rule ignores what could not be decoded', () => {
    const { issues } = parseConfig(
      valid.replace('[database, nfs, server]', '[databse, nfs, sever]'),
      'cluster.yaml',
    );
    expect(issues.map(({ code }) => code)).toEqual(['not-allowed', 'not-allowed']);
  });

  test('a rule sees a misspelled key as that, not as a missing one', () => {
    const { issues } = parseConfig(
      `${valid.replace('[database, nfs, server]', '[database, server]')}api: { adress: 192.168.10.5 }\n`.replace(
        'k3s:',
        '  - { name: second, address: 192.168.10.11, roles: [server] }\nk3s:',
      ),
      'cluster.yaml',
    );
    expect(issues.map(({ code }) => code)).toEqual(['unknown-key']);
  });

  test('a wrong value is reported, even beside a key that looks like a misspelling of its key', () => {
    const { issues } = parseConfig(
      valid.replace(/^k3s:.*$/m, 'k3s: { version: latest, verison: v1 }'),
      'cluster.yaml',
    );
    expect(issues.map(({ path, message }) => [path, message])).toEqual([
      ['k3s.version', "'latest' is not a full k3s version: write it like v1.36.5+k3s1"],
      ['k3s.verison', "unknown key 'verison' in k3s"],
    ]);
  });

  test('warnings do not stop', () => {
    const { config, issues } = parseConfig(`${valid}api: { address: 192.168.10.5 }\n`, 'cluster.yaml');
    expect(config).toBeDefined();
    expect(issues).toEqual([
      {
        severity: 'warning',
        code: 'virtual-ip-not-needed',
        file: 'cluster.yaml',
        line: 7,
        column: 17,
        length: 12,
        path: 'api.address',
        message: "the virtual IP '192.168.10.5' has one server behind it: delete it, or add servers",
      },
    ]);
  });

  test('columns count the characters of the line, not those of a byte order mark', () => {
    const { issues } = loadConfig(write('bom.yaml', '\ufeffnmae: x\n'));
    expect(issues[0]).toMatchObject({ line: 1, column: 1, length: 4 });
  });
});
