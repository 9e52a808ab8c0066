import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { dependencies, devDependencies, version } from '../package.json';
import { readTree, scratchFolders } from './support/scratch';

const scratch = scratchFolders();
const program = resolve('bin/k3s-cdk.js');

function run(args: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv; program?: string } = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [options.program ?? program, ...args], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test('the same file gives the same bytes in two folders, for two users, in two time zones', () => {
  const outputs = [
    { TZ: 'Pacific/Kiritimati', USER: 'ada', HOME: '/home/ada', LANG: 'de_DE.UTF-8' },
    { TZ: 'America/Los_Angeles', USER: 'bob', HOME: '/nowhere', LANG: 'C' },
  ].map((env) => {
    const cwd = scratch();
    cpSync('cluster.yaml', join(cwd, 'cluster.yaml'));
    expect(run(['synth'], { cwd, env })).toMatchObject({ status: 0 });
    return readTree(cwd);
  });
  expect(outputs[0]).toEqual(outputs[1]);
});

test('nothing of secrets/ gets into the outputs', () => {
  const cwd = scratch();
  cpSync('cluster.yaml', join(cwd, 'cluster.yaml'));
  const marker = 'SECRET-d41d8cd98f';
  for (const path of ['k3s-token', 'hosts/server1/k3s/token', 'agents/k3s/token', 'database-ca.key']) {
    mkdirSync(join(cwd, 'secrets', path, '..'), { recursive: true });
    writeFileSync(join(cwd, 'secrets', path), marker);
  }
  const { stdout, stderr } = run(['synth'], { cwd });
  const leaks = Object.entries(readTree(cwd)).filter(
    ([path, text]) => !path.startsWith('secrets/') && text.includes(marker),
  );
  expect([leaks.map(([path]) => path), stdout.includes(marker), stderr.includes(marker)]).toEqual([
    [],
    false,
    false,
  ]);
});

test('validate reports how many hosts a valid file has, and writes nothing', () => {
  const cwd = scratch();
  cpSync('cluster.yaml', join(cwd, 'cluster.yaml'));
  expect(run(['validate'], { cwd })).toEqual({
    status: 0,
    stdout: 'cluster.yaml: valid (6 hosts)\n',
    stderr: '',
  });
  expect(Object.keys(readTree(cwd))).toEqual(['cluster.yaml']);
});

test('issues go to standard error as text, and to standard output as JSON', () => {
  const cwd = scratch();
  writeFileSync(join(cwd, 'cluster.yaml'), 'name: Home\n');
  const text = run(['validate'], { cwd });
  expect(text).toMatchObject({ status: 1, stdout: '' });
  expect(text.stderr).toContain('cluster.yaml:1:7: error: ');
  const json = run(['validate', '--format', 'json'], { cwd });
  expect(json).toMatchObject({ status: 1, stderr: text.stderr });
  expect(JSON.parse(json.stdout).problems).toContainEqual(
    expect.objectContaining({ file: 'cluster.yaml', line: 1, column: 7, severity: 'error', path: 'name' }),
  );
});

test('whoever reads the output may stop reading', () => {
  const cwd = scratch();
  cpSync('cluster.yaml', join(cwd, 'cluster.yaml'));
  const { status, stderr } = spawnSync(
    'bash',
    ['-c', `set -o pipefail; ${process.execPath} ${program} synth 2>err | true`],
    {
      cwd,
      encoding: 'utf8',
    },
  );
  expect({ status, stderr, errors: readTree(cwd).err?.includes('EPIPE') }).toEqual({
    status: 0,
    stderr: '',
    errors: false,
  });
});

test('a wrong command line is an error with help, exit code 2', () => {
  const { status, stderr } = run(['sinth']);
  expect(status).toBe(2);
  expect(stderr).toContain("unknown command 'sinth'");
  expect(run(['synth', '--nope']).status).toBe(2);
  expect(run(['--help'])).toMatchObject({ status: 0 });
});

/** The program with sources and a cache of its own; the packages are everybody's. */
function copyOfProgram(): string {
  const copy = scratch();
  for (const path of ['bin', 'src', 'imports', 'tools/build', 'package.json', 'package-lock.json'])
    cpSync(path, join(copy, path), { recursive: true });
  for (const name of Object.keys({ ...dependencies, ...devDependencies })) {
    mkdirSync(dirname(join(copy, 'node_modules', name)), { recursive: true });
    symlinkSync(resolve('node_modules', name), join(copy, 'node_modules', name));
  }
  return copy;
}

test('an edited source is never run from a bundle of before', () => {
  const copy = copyOfProgram();
  const own = join(copy, 'bin/k3s-cdk.js');
  expect(run(['--version'], { program: own })).toMatchObject({ status: 0, stdout: `${version}\n` });
  expect(run(['--version'], { program: own })).toMatchObject({ status: 0, stdout: `${version}\n` });
  appendFileSync(join(copy, 'src/main.ts'), "\nconsole.log('edited');\n");
  expect(run(['--version'], { program: own }).stdout).toContain('edited');
});

test.each([
  [
    'throws',
    'const { name } = topology.hosts[99] as Host;\n  console.log(name);',
    "src/apps/charts.ts:6:11: error: Cannot destructure property 'name' of 'topology.hosts[99]' as it is undefined.",
  ],
  [
    'throws what a file causes',
    "readFileSync('/nowhere'), topology;",
    "src/apps/charts.ts:6:3: error: ENOENT: no such file or directory, open '/nowhere'",
  ],
  ['cannot be compiled', 'const x = ;', 'src/apps/charts.ts:6:13: error: Unexpected ";"'],
])('code of the user that %s is named with its line, and is no internal error', (_, code, expected) => {
  const copy = copyOfProgram();
  writeFileSync(
    join(copy, 'src/apps/charts.ts'),
    `import { readFileSync } from 'node:fs';
import type { UserCharts } from '../cluster/cluster-app';
import type { Host } from '../model/topology';

export const userCharts: UserCharts = (_app, topology) => {
  ${code}
  return readFileSync;
};
`,
  );
  const cwd = scratch();
  cpSync('cluster.yaml', join(cwd, 'cluster.yaml'));
  const { status, stdout, stderr } = run(['synth', '--json'], { cwd, program: join(copy, 'bin/k3s-cdk.js') });
  expect({ status, lines: stderr.split('\n').filter((line) => !line.startsWith('warning: ')) }).toEqual({
    status: 1,
    lines: [expected, ''],
  });
  const [, file, line, message] = /^(.*?):(\d+):\d+: error: (.*)$/.exec(expected) ?? [];
  expect(JSON.parse(stdout)).toMatchObject({
    exitCode: 1,
    problems: expect.arrayContaining([
      expect.objectContaining({ severity: 'error', code: 'source', file, line: Number(line), message }),
    ]),
  });
});

test('runs where no bundle can be kept', () => {
  const copy = copyOfProgram();
  // A file where the cache would be: below it not even root can write.
  writeFileSync(join(copy, 'node_modules/.cache'), '');
  expect(run(['--version'], { program: join(copy, 'bin/k3s-cdk.js') })).toMatchObject({
    status: 0,
    stderr: '',
  });
});

test('a file that is in the way somewhere is an error in words, not a bug', () => {
  const cwd = scratch();
  cpSync('cluster.yaml', join(cwd, 'cluster.yaml'));
  mkdirSync(join(cwd, '.gitignore'));
  const { status, stderr } = run(['init'], { cwd });
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: expect.stringMatching(/error: .*a folder is where a file is needed\n$/),
  });
});

test.each(['18.20.8', '20.11.1'])('Node.js %s is answered by one sentence', (old) => {
  const preload = join(scratch(), 'old.js');
  writeFileSync(preload, `Object.defineProperty(process, 'versions', { value: { node: '${old}' } });\n`);
  const { status, stdout, stderr } = run(['--version'], { env: { NODE_OPTIONS: `--require=${preload}` } });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(
    /^error: k3s-cdk needs Node\.js 20\.12 or newer, and this is \S+ \(\S+\): see https:\S+\n$/,
  );
  expect(stderr).toContain(` ${old} `);
});
