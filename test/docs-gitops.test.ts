import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { codeBlocks } from './support/markdown';
import { scratchFolders } from './support/scratch';
import { shellcheckOptions, testWithShellcheck } from './support/shellcheck';

const page = 'docs/how-to/gitops.md';
const secretsPage = 'docs/how-to/secrets.md';
const scratch = scratchFolders();

test('what the page gives to Flux and Argo CD is theirs, and its paths are those of the layout', () => {
  const blocks = codeBlocks(page);
  const layout = blocks.find(({ lines }) => lines[0]?.startsWith('cluster.yaml'))?.lines.join('\n') ?? '';
  const objects = blocks
    .filter(({ language }) => language === 'yaml')
    .flatMap(({ lines }) => parseAllDocuments(lines.join('\n')))
    .map((document) => {
      expect(document.errors).toEqual([]);
      return document.toJS();
    });
  expect(objects.map(({ kind }) => kind)).toEqual(['Kustomization', 'Kustomization', 'Application']);
  const paths = objects.map(({ spec }) => (spec.path ?? spec.source.path).replace(/^\.\//, ''));
  expect(paths).toEqual(['dist', 'cluster-secrets', 'dist']);
  for (const path of paths) expect(layout).toMatch(new RegExp(`^${path}/ `, 'm'));
  expect(existsSync('dist/00-namespaces.k8s.yaml')).toBe(true);
});

describe('with-secrets of the page on secrets', () => {
  const text =
    codeBlocks(secretsPage)
      .find(({ language }) => language === 'bash')
      ?.lines.join('\n') ?? '';
  const sealed = (name: string) => readFileSync(join(folder, 'sealed', name), 'utf8');
  let folder = '';

  /** A project with the script, and a stand-in for sops that seals by a mark in front. */
  beforeEach(() => {
    folder = scratch();
    for (const name of ['bin', 'memory']) mkdirSync(join(folder, name));
    const program = (name: string, body: string) => {
      writeFileSync(join(folder, name), body);
      chmodSync(join(folder, name), 0o755);
    };
    program('with-secrets', `${text}\n`);
    program(
      'bin/sops',
      `#!/usr/bin/env bash
set -euo pipefail
for file; do :; done
while [ $# -gt 1 ]; do case $1 in encrypt | decrypt) how=$1 ;; --output) out=$2 ;; esac; shift; done
case $how in
  encrypt) [ ! -e broken ]; { echo sealed; cat "$file"; } >"$out" ;;
  decrypt) [ "$(head -n 1 "$file")" = sealed ]; tail -n +2 "$file" >"$out" ;;
esac
`,
    );
  });

  function run(script: string) {
    const { status, stdout, stderr } = spawnSync(
      join(folder, 'with-secrets'),
      ['bash', '-euo', 'pipefail', '-c', script],
      {
        encoding: 'utf8',
        env: {
          ...process.env,
          CI: '',
          SOPS_AGE_KEY: 'key',
          XDG_RUNTIME_DIR: join(folder, 'memory'),
          PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}`,
        },
      },
    );
    return { status, stdout, stderr };
  }
  const left = () => [
    ...readdirSync(join(folder, 'memory')),
    ...readdirSync(folder).filter((name) => name === 'secrets'),
  ];

  testWithShellcheck('passes the checks of shell scripts', () => {
    const { stdout } = spawnSync('shellcheck', [...shellcheckOptions, join(folder, 'with-secrets')]);
    expect(stdout.toString()).toBe('');
  });

  test('opens for one command, seals what it has changed, certificates readable, and leaves nothing', () => {
    const made = run(
      'mkdir secrets/h; echo token >secrets/k3s-token; echo public >secrets/h/server.crt; exit 7',
    );
    expect(made).toMatchObject({ status: 7, stderr: expect.stringContaining('sealed: k3s-token\n') });
    expect([sealed('k3s-token'), sealed('h/server.crt')]).toEqual(['sealed\ntoken\n', 'public\n']);
    expect(left()).toEqual([]);
    const before = statSync(join(folder, 'sealed/k3s-token')).mtimeMs;
    const read = run(
      'cat secrets/k3s-token secrets/h/server.crt; stat -Lc %a secrets/k3s-token; rm secrets/h/server.crt; echo "${SOPS_AGE_KEY-none}"',
    );
    expect(read).toEqual({ status: 0, stdout: 'token\npublic\n600\nnone\n', stderr: '' });
    expect(statSync(join(folder, 'sealed/k3s-token')).mtimeMs).toBe(before);
    expect(existsSync(join(folder, 'sealed/h/server.crt'))).toBe(false);
    expect(left()).toEqual([]);
  });

  test('goes on without the key of a CA that is sealed for others, and not without a token', () => {
    run('echo ca >secrets/database-ca.key; echo token >secrets/k3s-token');
    writeFileSync(join(folder, 'sealed/database-ca.key'), 'for others\n');
    expect(run('ls secrets')).toEqual({
      status: 0,
      stdout: 'k3s-token\n',
      stderr: 'not opened: database-ca.key\n',
    });
    expect(sealed('database-ca.key')).toBe('for others\n');
    writeFileSync(join(folder, 'sealed/k3s-token'), 'for others\n');
    expect(run('echo never')).toMatchObject({ status: 1, stdout: '' });
    expect(left()).toEqual([]);
  });

  test('keeps in memory what cannot be sealed, and says where', () => {
    writeFileSync(join(folder, 'broken'), '');
    const { status, stderr } = run('echo token >secrets/k3s-token');
    const [memory] = readdirSync(join(folder, 'memory'));
    const kept = join(folder, 'memory', memory ?? '', 'secrets/k3s-token');
    expect({ status, stderr }).toEqual({ status: 1, stderr: `not sealed: ${kept}\n` });
    expect(readFileSync(kept, 'utf8')).toBe('token\n');
    const again = run('true');
    expect(again).toMatchObject({ status: 1, stderr: expect.stringContaining('secrets is there') });
    expect(readFileSync(kept, 'utf8')).toBe('token\n');
  });

  test('of .sops.yaml, the first rule that fits gives the keys of CAs and backups to fewer than the rest', () => {
    const block = codeBlocks(secretsPage).find(({ lines }) => lines[0] === 'creation_rules:');
    const { creation_rules: rules } = parse(block?.lines.join('\n') ?? '') as {
      creation_rules: { path_regex: string; age: string }[];
    };
    const recipients = (path: string) =>
      rules.find(({ path_regex }) => new RegExp(path_regex).test(path))?.age;
    for (const path of ['database-ca.key', 'database-cluster-ca.key', 'backup.key'])
      expect(recipients(`sealed/${path}`)).not.toContain('age1ci');
    for (const path of ['k3s-token', 'hosts/server1/k3s/datastore-client.key', 'registries.yaml'])
      expect(recipients(`sealed/${path}`)).toContain('age1ci');
  });
});
