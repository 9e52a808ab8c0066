import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { scratchFolders } from './support/scratch';
import { shellcheckOptions, testWithShellcheck } from './support/shellcheck';

const scratch = scratchFolders();
const page = 'docs/how-to/extending.md';

/** A block of the page, and where it says that the block goes. */
interface Paste {
  readonly file: string;
  readonly how?: 'after' | 'instead of';
  readonly line?: string;
  readonly text: string;
}

const pastes: readonly Paste[] = [
  ...readFileSync(page, 'utf8').matchAll(
    /^<!-- paste: (\S+?)(?:, (after|instead of): (.+))? -->\n\n```\w+\n([\s\S]*?)^```$/gm,
  ),
].map(([, file = '', how, line, text = '']) => ({
  ...{ file, text },
  ...(how !== undefined && line !== undefined && { how: how as 'after' | 'instead of', line }),
}));

/** Pastes a block as its reader would, who sees whole lines. */
function paste(folder: string, { file, how, line, text }: Paste): void {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  if (how === undefined || line === undefined) {
    writeFileSync(path, text);
    return;
  }
  const lines = readFileSync(path, 'utf8').split('\n');
  const at = lines.indexOf(line);
  if (at < 0) throw new Error(`${page} names a line that ${file} does not have: '${line}'`);
  // A statement ends before the next empty line.
  const end = how === 'after' ? at + 1 : lines.indexOf('', at);
  lines.splice(how === 'after' ? end : at, how === 'after' ? 0 : end - at, ...text.trimEnd().split('\n'));
  writeFileSync(path, lines.join('\n'));
}

/** A clone in which everything on the page has been pasted. */
let clone: string;
const run = (program: string, ...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: clone, encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}` };
};

beforeAll(() => {
  clone = scratch();
  for (const name of ['bin', 'src', 'test', 'tools', 'imports', 'docs', 'schema', 'examples'])
    cpSync(name, join(clone, name), { recursive: true });
  const files = [
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'biome.json',
    'biome.layers.json',
    'jest.config.js',
  ];
  for (const name of [...files, 'cluster.yaml', '.gitignore', '.shellcheckrc'])
    cpSync(name, join(clone, name));
  symlinkSync(resolve('node_modules'), join(clone, 'node_modules'));
  for (const each of pastes) paste(clone, each);
  const cluster = readFileSync(join(clone, 'cluster.yaml'), 'utf8');
  writeFileSync(
    join(clone, 'cluster.yaml'),
    cluster.replace('roles: [database, nfs]', 'roles: [database, nfs, cockpit]'),
  );
});

test('the page has the blocks of a chart, a step and a role, and every file that it names', () => {
  expect(pastes.map(({ file }) => file)).toEqual(
    expect.arrayContaining(['src/apps/charts.ts', 'src/roles/hosts-stack.ts', 'src/roles/roles.ts']),
  );
  expect(pastes.length).toBeGreaterThan(9);
  expect(readFileSync(page, 'utf8').match(/^<!-- paste: /gm)).toHaveLength(pastes.length);
});

test('what it says compiles, as it is formatted, in the layers', () => {
  expect(run('node_modules/.bin/tsc')).toEqual({ status: 0, said: '' });
  const written = pastes.map(({ file }) => file).filter((file) => file.endsWith('.ts'));
  expect(run('node_modules/.bin/biome', 'check', '--error-on-warnings', ...new Set(written))).toMatchObject({
    status: 0,
  });
});

test('the chart, the step and the role are in the outputs', () => {
  expect(run('npm', 'run', 'generate').status).toBe(0);
  expect(readFileSync(join(clone, 'schema/cluster.schema.json'), 'utf8')).toContain('"cockpit"');
  expect(run(process.execPath, 'bin/k3s-cdk.js', 'synth')).toMatchObject({ status: 0 });
  expect(existsSync(join(clone, 'dist/50-example.k8s.yaml'))).toBe(true);
  expect(readFileSync(join(clone, 'dist/49-namespaces.k8s.yaml'), 'utf8')).toContain('name: example');
  const hosts = readFileSync(join(clone, 'cdktf.out/stacks/hosts/cdk.tf.json'), 'utf8');
  for (const name of ['server1', 'agent1']) expect(hosts).toContain(`"${name}_io-scheduler"`);
  expect(hosts).not.toContain('storage1_io-scheduler');
  expect(hosts).toMatch(/APT_PACKAGES=[^\n]*\bcockpit\b/);
  expect(run(process.execPath, 'bin/k3s-cdk.js', 'diagram').said).toContain('>homelab<');
});

test('the test of the step passes, and so do those that look at all roles', () => {
  const tests = ['test/scripts/io-scheduler.test.ts', 'test/scripts/wiring.test.ts', 'test/roles'];
  const { status, said } = run('node_modules/.bin/jest', '--ci', ...tests);
  expect({ status, said: status === 0 ? '' : said }).toEqual({ status: 0, said: '' });
});

testWithShellcheck('shellcheck finds nothing in the script', () => {
  const [script = ''] = pastes.map(({ file }) => file).filter((file) => file.endsWith('.sh'));
  expect(run('shellcheck', ...shellcheckOptions, script)).toEqual({ status: 0, said: '' });
});
