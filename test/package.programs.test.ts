import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { version } from '../package.json';
import { isolated } from './support/isolated';
import { codeBlocks } from './support/markdown';
import { answers, testWhen } from './support/needs';
import { readTree, scratchFolders } from './support/scratch';

// What somebody does who comes across the project: packs a clone as README.md says, installs it, and takes first steps.

const scratch = scratchFolders();
const registry = spawnSync('npm', ['view', 'constructs', 'version'], { timeout: 30_000 }).status === 0;
const testInstalled = testWhen(
  registry,
  'the package is not installed: the registry of npm cannot be reached',
);

/** Programs of node to try: this one, and others where npm has them for this machine. */
function nodes(): [version: string, program: string][] {
  const own = process.versions.node.split('.')[0] ?? '';
  const majors = registry ? ['20', '22', '24'] : [own];
  return majors.flatMap((major): [string, string][] => {
    if (major === own) return [[major, process.execPath]];
    const script = ['exec', '--yes', '--package', `node@${major}`, '--', 'node', '-p', 'process.execPath'];
    const { status, stdout } = spawnSync('npm', script, { encoding: 'utf8', timeout: 120_000 });
    if (status === 0) return [[major, stdout.trim()]];
    process.stderr.write(`skipped: node ${major} is not tried: npm has none for this machine\n`);
    return [];
  });
}

/** Folder with the package installed, as a project's dependency and, in `global`, for everybody. */
let home: string;
let packed: string[];

beforeAll(() => {
  if (!registry) return;
  home = scratch();
  const npm = (...args: string[]) =>
    execFileSync('npm', args, { cwd: home, encoding: 'utf8', stdio: 'pipe' });
  const tarball = `k3s-cdk-${version}.tgz`;
  // What README.md says, in this clone and for this user only.
  const environment = {
    ...process.env,
    npm_config_prefix: join(home, 'global'),
    npm_config_loglevel: 'error',
  };
  for (const { lines } of codeBlocks('README.md').filter(({ lines }) => lines.includes('npm pack')))
    execFileSync('bash', ['-euc', lines.join('\n')], { stdio: 'pipe', env: environment });
  cpSync(tarball, join(home, tarball));
  rmSync(tarball);
  packed = execFileSync('tar', ['tzf', tarball], { cwd: home, encoding: 'utf8' }).trim().split('\n');
  npm('init', '--yes');
  // As docs/how-to/library.md says, and what compiles and runs its example.
  npm('install', `./${tarball}`, 'cdk8s', 'cdk8s-plus-28', 'constructs');
  npm('install', '--save-dev', '@types/node@20', `typescript@${versionOf('typescript')}`);
  // Another user runs it below.
  for (const folder of [home, dirname(home)]) chmodSync(folder, 0o755);
});

const versionOf = (name: string): string =>
  JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;

const installed = () => join(home, 'global/lib/node_modules/k3s-cdk');

testInstalled('the package has what runs, its pages and no sources', () => {
  const folders = new Set(packed.map((path) => path.split('/')[1]));
  expect([...folders].sort()).toEqual(
    ['LICENSE', 'README.md', 'bin', 'docs', 'examples', 'lib', 'package.json', 'schema'].sort(),
  );
  expect(packed.filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))).toEqual([]);
  expect(existsSync(join(home, 'node_modules/esbuild'))).toBe(false);
});

testInstalled('it tells the licences of the packages that it contains', () => {
  const told = readFileSync(join(installed(), 'lib/main.licenses.txt'), 'utf8');
  for (const name of ['cdktf', 'cdk8s', 'commander', 'zod'])
    expect(told).toMatch(new RegExp(`^${name} [\\d.]+ \\(`, 'm'));
});

/** Runs the program in a folder, as its user would. */
type Run = (args: string[], cwd: string) => { status: number | null; stdout: string; stderr: string };

/** An empty folder becomes a cluster that is valid, synthesized and drawn. Returns the folder. */
function firstSteps(run: Run, called: string): string {
  const cwd = scratch();
  // Nobody answers at the address, so that host keys stay unknown.
  const init = run(['init', 'home', '--server', '192.0.2.11', '--user', 'pi'], cwd);
  expect(init.stdout).toContain('created  secrets/');
  expect(init.stderr).toContain(`then run '${called} init' again`);
  expect(run(['validate'], cwd)).toMatchObject({ status: 0, stdout: 'cluster.yaml: valid (1 host)\n' });
  expect(run(['synth'], cwd).status).toBe(0);
  expect(readdirSync(join(cwd, 'dist'))).toContain('00-namespaces.k8s.yaml');
  expect(existsSync(join(cwd, 'cdktf.out/stacks/hosts/cdk.tf.json'))).toBe(true);
  expect(run(['diagram', '-o', 'cluster.svg'], cwd)).toMatchObject({ status: 0, stderr: '' });
  expect(readFileSync(join(cwd, 'cluster.svg'), 'utf8')).toContain('<svg');
  return cwd;
}

describe.each(nodes())('with node %s', (_, node) => {
  /** Runs it as its user would, from `cwd`. */
  const run = (args: string[], cwd: string, program = join(home, 'global/bin/k3s-cdk'), env = {}) => {
    const PATH = `${dirname(program)}:${process.env.PATH}`;
    const { status, stdout, stderr } = isolated(node, [program, ...args], {
      cwd,
      env: { HOME: cwd, PATH, ...env },
    });
    return { status, stdout, stderr };
  };

  testInstalled('an empty folder becomes a cluster that is valid, synthesized and drawn', () => {
    const cwd = firstSteps(run, 'k3s-cdk');
    expect(run(['synth'], cwd, join(home, 'node_modules/.bin/k3s-cdk')).stderr).toContain(
      "run 'npx k3s-cdk init'",
    );
  });

  testInstalled('the examples of the package are valid there, too', () => {
    const folder = join(installed(), 'examples');
    const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
    expect(files.map((name) => run(['validate', '-f', join(folder, name)], scratch()).status)).toEqual(
      files.map(() => 0),
    );
  });

  testInstalled('the library runs in a program of ES modules', () => {
    cpSync('cluster.yaml', join(home, 'cluster.yaml'));
    rmSync(join(home, 'dist'), { recursive: true, force: true });
    writeFileSync(join(home, 'program.mts'), libraryExample());
    compile(home, node);
    const { stdout, stderr } = spawnSync(node, ['program.mjs'], { cwd: home, encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({
      stdout: 'added dist/49-namespaces.k8s.yaml\nadded dist/60-mine.k8s.yaml\n',
      stderr: '',
    });
  });
});

/** The program that docs/how-to/library.md shows. */
function libraryExample(): string {
  const [example] = codeBlocks('docs/how-to/library.md').filter(({ language }) => language === 'ts');
  return example?.lines.join('\n') ?? '';
}

/** Compiles program.mts with what is strict in TypeScript, also inside of what it imports from the package. */
function compile(folder: string, node: string): void {
  const compilerOptions = {
    ...{ target: 'es2022', module: 'nodenext', strict: true, verbatimModuleSyntax: true },
    ...{ noPropertyAccessFromIndexSignature: true, exactOptionalPropertyTypes: true },
    ...{ noUncheckedIndexedAccess: true, noUnusedLocals: true, isolatedModules: true, skipLibCheck: false },
  };
  const project = { compilerOptions, files: ['program.mts'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(project));
  const { stdout } = spawnSync(node, ['node_modules/typescript/bin/tsc'], { cwd: folder, encoding: 'utf8' });
  expect(stdout.split('\n').filter((line) => line.includes('k3s-cdk') || line.startsWith('program'))).toEqual(
    [],
  );
}

testInstalled('a package that belongs to root, or cannot be written, runs for every user', () => {
  const cwd = scratch();
  cpSync('cluster.yaml', join(cwd, 'cluster.yaml'));
  for (const folder of [cwd, dirname(cwd)]) chmodSync(folder, 0o777);
  const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  if (nobody.uid === undefined) execFileSync('chmod', ['-R', 'a-w', installed()]);
  const before = execFileSync('find', [installed()], { encoding: 'utf8' });
  const synth = (env: NodeJS.ProcessEnv) =>
    spawnSync(process.execPath, [join(home, 'global/bin/k3s-cdk'), 'synth'], {
      cwd,
      env,
      encoding: 'utf8',
      ...nobody,
    });
  expect(synth({ HOME: '/nowhere' }).status).toBe(0);
  expect(synth({ HOME: cwd }).status).toBe(0);
  // Its compiled code is the user's.
  expect(readdirSync(join(cwd, '.cache/k3s-cdk/start'))).toHaveLength(1);
  expect(synth({ HOME: cwd })).toMatchObject({ status: 0 });
  expect(execFileSync('find', [installed()], { encoding: 'utf8' })).toBe(before);
  if (nobody.uid === undefined) execFileSync('chmod', ['-R', 'u+w', installed()]);
});

/** What runs a program for that processor: nothing on such a machine, qemu where it and a C library for it are. */
function emulator(architecture: string): readonly string[] | undefined {
  if ((process.arch === 'x64' ? 'amd64' : process.arch) === architecture) return [];
  const [machine, libraries] = ['aarch64', '/usr/aarch64-linux-gnu'];
  const there =
    architecture === 'arm64' &&
    answers(`qemu-${machine}-static`, '--version') &&
    existsSync(join(libraries, 'lib/libstdc++.so.6'));
  return there ? [`qemu-${machine}-static`, '-L', libraries] : undefined;
}

describe('as one file', () => {
  const architectures = ['amd64', 'arm64'];
  let folder: string;

  beforeAll(() => {
    folder = scratch();
    if (registry) execFileSync(process.execPath, ['tools/build/executables.js', folder], { stdio: 'pipe' });
  });

  test.each(architectures)('for %s, an empty folder becomes the same cluster', (architecture) => {
    const emulated = emulator(architecture);
    if (!registry || emulated === undefined) {
      process.stderr.write(
        `skipped: the executable for ${architecture} is not run: ${registry ? 'there is no qemu-user-static with libstdc++6-arm64-cross' : 'the registry of npm cannot be reached'}\n`,
      );
      return;
    }
    const program = join(folder, `k3s-cdk-linux-${architecture}`);
    const [command = '', ...args] = [...emulated, program];
    const run: Run = (more, cwd) => isolated(command, [...args, ...more], { cwd, env: { HOME: cwd } });
    const cwd = firstSteps(run, program);
    // From the PATH, and in a sandbox that has no /proc, where node does not know its own path.
    const bare = ['mount -t tmpfs none /proc && cd "$0" && exec k3s-cdk validate', cwd];
    const mounts = isolated('unshare', ['--mount', 'true'], { cwd, env: {} }).status === 0;
    if (emulated.length === 0 && mounts) {
      symlinkSync(program, join(cwd, 'k3s-cdk'));
      const env = { HOME: cwd, PATH: `${cwd}:${process.env.PATH}` };
      const { stdout } = isolated('unshare', ['--mount', 'sh', '-c', ...bare], { cwd, env });
      expect(stdout).toBe('cluster.yaml: valid (1 host)\n');
    }
    expect(readFileSync(join(cwd, 'cluster.yaml'), 'utf8')).toContain('$schema=./cluster.schema.json\n');
    expect(readFileSync(join(cwd, 'cluster.schema.json'), 'utf8')).toBe(
      readFileSync('schema/cluster.schema.json', 'utf8'),
    );
    // The dist and steps of a clone, byte for byte.
    const clone = scratch();
    cpSync(join(cwd, 'cluster.yaml'), join(clone, 'cluster.yaml'));
    execFileSync(process.execPath, [resolve('bin/k3s-cdk.js'), 'synth'], { cwd: clone, stdio: 'pipe' });
    for (const output of ['dist', 'hosts', 'cdktf.out'])
      expect(readTree(join(cwd, output))).toEqual(readTree(join(clone, output)));
  });
});
