import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { version } from '../package.json';
import { isolated } from './support/isolated';
import { codeBlocks } from './support/markdown';
import { testWhen } from './support/needs';
import { scratchFolders } from './support/scratch';

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
    const cwd = scratch();
    // Nobody answers at the address, so that host keys stay unknown.
    const init = run(['init', 'home', '--server', '192.0.2.11', '--user', 'pi'], cwd);
    expect(init.stdout).toContain('created  secrets/');
    expect(init.stderr).toContain("then run 'k3s-cdk init' again");
    expect(run(['synth'], cwd, join(home, 'node_modules/.bin/k3s-cdk')).stderr).toContain(
      "run 'npx k3s-cdk init'",
    );
    expect(run(['validate'], cwd)).toMatchObject({ status: 0, stdout: 'cluster.yaml: valid (1 host)\n' });
    expect(run(['synth'], cwd).status).toBe(0);
    expect(readdirSync(join(cwd, 'dist'))).toContain('00-namespaces.k8s.yaml');
    expect(existsSync(join(cwd, 'cdktf.out/stacks/hosts/cdk.tf.json'))).toBe(true);
    expect(run(['diagram', '-o', 'cluster.svg'], cwd)).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(join(cwd, 'cluster.svg'), 'utf8')).toContain('<svg');
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
    writeFileSync(
      join(home, 'program.mts'),
      `${libraryExample()}\nconsole.log([...files.keys()].join(' '));\n`,
    );
    compile(home, node);
    const { stdout, stderr } = spawnSync(node, ['program.mjs'], { cwd: home, encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({
      stdout:
        '00-namespaces.k8s.yaml 10-metallb-config.k8s.yaml 11-metallb.k8s.yaml 20-nfs.k8s.yaml 60-mine.k8s.yaml\n',
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
