import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchFolders } from '../support/scratch';

const scratch = scratchFolders();
const script = `${process.cwd()}/src/hosts/step-folder.sh`;

/** The home folder of an SSH user. */
function homeFolder(): string {
  const home = join(scratch(), 'home');
  mkdirSync(home);
  return home;
}

/** Brings files of step `x` there, as Terraform does. @param stubs what programs do instead of what they would */
function bring(home: string, stubs: Readonly<Record<string, string>> = {}) {
  const bin = join(home, '../bin');
  mkdirSync(bin, { recursive: true });
  for (const [name, body] of Object.entries(stubs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const run = join(home, '.k3s-cdk-7.sh');
  writeFileSync(run, `set -eu\nhost=server1 step=x\n. ${script}\ncat >run.sh <<'END'\nbrought\nEND\n`);
  const { status, stdout, stderr } = spawnSync('sh', ['./.k3s-cdk-7.sh'], {
    cwd: home,
    encoding: 'utf8',
    env: { PATH: `${bin}:${process.env.PATH}`, SLEPT: join(home, '../slept') },
  });
  return { status, output: stdout + stderr, step: stepOf(home) };
}

function stepOf(home: string): string[] {
  const folder = join(home, '.k3s-cdk/x');
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

const counting = 'echo >>"$SLEPT"';

test.each<[string, (home: string) => void]>([
  ['nothing', () => {}],
  ['a file in the place of the folder', (home) => writeFileSync(join(home, '.k3s-cdk'), 'x')],
  ['a folder that others may read', (home) => mkdirSync(join(home, '.k3s-cdk'), { mode: 0o755 })],
])('where there is %s, a step makes the folder that it needs, for its user alone', (_, prepare) => {
  const home = homeFolder();
  prepare(home);
  expect(bring(home)).toEqual({ status: 0, output: '', step: ['.brought-by', 'run.sh'] });
  for (const name of ['.k3s-cdk', '.k3s-cdk/x'])
    expect((statSync(join(home, name)).mode & 0o777).toString(8)).toBe('700');
});

test('files uploaded by another apply stay until its run takes them', () => {
  const home = homeFolder();
  mkdirSync(join(home, '.k3s-cdk/x'), { recursive: true });
  writeFileSync(join(home, '.k3s-cdk/x/key'), 'secret');
  // Files go on coming for longer than half a minute; then that step starts, which moves the folder away.
  const sleep = `${counting}; [ $(wc -l <"$SLEPT") -ge 60 ] && mv .k3s-cdk/x .k3s-cdk/run.x || echo more >>.k3s-cdk/x/key`;
  expect(bring(home, { sleep })).toEqual({
    status: 0,
    output: "another apply has uploaded files for step 'x' and has not run it yet: waiting for it\n",
    step: ['.brought-by', 'run.sh'],
  });
  expect(readdirSync(join(home, '.k3s-cdk/run.x'))).toEqual(['key']);
});

test('files of a killed apply are removed after half a minute without uploads', () => {
  const home = homeFolder();
  mkdirSync(join(home, '.k3s-cdk/x'), { recursive: true });
  writeFileSync(join(home, '.k3s-cdk/x/key'), 'secret');
  writeFileSync(join(home, '.k3s-cdk/x/.brought-by'), './.k3s-cdk-6.sh');
  writeFileSync(join(home, '.k3s-cdk-6.sh'), '');
  expect(bring(home, { sleep: counting })).toMatchObject({ status: 0, step: ['.brought-by', 'run.sh'] });
  expect(readdirSync(home).sort()).toEqual(['.k3s-cdk', '.k3s-cdk-7.sh']);
  expect(statSync(join(home, '../slept')).size).toBe(30);
});

test('a file that cannot be written is reported with its folder', () => {
  const home = homeFolder();
  const { status, output } = bring(home, { cat: 'echo "cat: No space left on device" >&2; exit 1' });
  expect(status).toBe(1);
  expect(output).toBe(
    `cat: No space left on device\nerror: server1: files cannot be written into '${home}/.k3s-cdk/x' (the reasons are above): 'df -h ${home}/.k3s-cdk' shows whether its disk is full\n`,
  );
  // The next apply need not wait for it.
  expect(stepOf(home)).toEqual([]);
});

test.each([
  ['install', "error: server1: the folder '@HOME/.k3s-cdk' cannot be created (the reasons are above)"],
  ['mkdir', "error: server1: nothing can be written into '@HOME/.k3s-cdk' (the reasons are above)"],
])('an unwritable home folder is reported at once (%s fails)', (program, message) => {
  const home = homeFolder();
  const { status, output } = bring(home, {
    [program]: 'echo "Read-only file system" >&2; exit 1',
    sleep: 'exit 3',
  });
  expect(status).toBe(1);
  expect(output).toBe(`Read-only file system\n${message.replace('@HOME', home)}\n`);
});
