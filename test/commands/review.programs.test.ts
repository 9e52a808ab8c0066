import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { commandLineProblem } from '../support/command-line';
import { testWith } from '../support/programs';
import { readTree, scratchFolders } from '../support/scratch';

const scratch = scratchFolders();
const testGit = testWith('git', 'bash');

const author = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];

/** Its own clone of the world: no configuration of the user, no proxy, no network. */
const environment = (home: string): NodeJS.ProcessEnv => ({
  ...{ PATH: [join(home, 'bin'), process.env.PATH].join(delimiter), HOME: home, CI: 'true' },
  ...{ GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', GIT_ALLOW_PROTOCOL: 'file' },
});

function run(cwd: string, home: string, program: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    env: environment(home),
  });
  return { status, stdout, stderr };
}

/** A repository whose branch `change` has one agent and one pool more than `main`, and a clone with nothing else. */
function cloned() {
  const home = scratch();
  mkdirSync(join(home, 'bin'));
  writeFileSync(
    join(home, 'bin/k3s-cdk'),
    `#!/bin/sh\nexec '${process.execPath}' '${resolve('bin/k3s-cdk.js')}' "$@"\n`,
  );
  chmodSync(join(home, 'bin/k3s-cdk'), 0o755);
  const origin = join(home, 'origin/cluster');
  mkdirSync(join(origin, 'manifests'), { recursive: true });
  const must = (...command: [string, ...string[]]) => {
    const result = run(origin, home, ...([command[0], ...command.slice(1)] as [string, ...string[]]));
    if (result.status !== 0) throw new Error(`${command.join(' ')}: ${result.stderr}${result.stdout}`);
  };
  const file = join(origin, 'cluster.yaml');
  const commit = (message: string) => {
    must('k3s-cdk', 'synth');
    must('git', 'add', '--all');
    must('git', ...author, 'commit', '--quiet', '--message', message);
  };
  must('git', 'init', '--quiet', '--initial-branch', 'main', '..');
  cpSync('cluster.yaml', file);
  writeFileSync(file, `${readFileSync(file, 'utf8')}manifests: [manifests/note.yaml]\n`);
  const note = (text: string) =>
    writeFileSync(
      join(origin, 'manifests/note.yaml'),
      `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: note, namespace: default }\ndata: { text: ${text} }\n`,
    );
  note('one');
  writeFileSync(join(origin, '.gitignore'), '/secrets/\n*.tfstate\n/cdktf.out/\n');
  writeFileSync(join(origin, 'known_hosts'), '192.168.10.* ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFvA\n');
  commit('the cluster');
  must('git', 'checkout', '--quiet', '-b', 'change');
  const agent = '$&\n  - { name: agent3, address: 192.168.10.23, roles: [agent] }';
  const pool = '192.168.10.220] }\n    - { name: extra, addresses: [192.168.10.230-192.168.10.240] }';
  const before = readFileSync(file, 'utf8');
  writeFileSync(file, before.replace(/^ {2}- { name: agent2.*/m, agent).replace('192.168.10.220] }', pool));
  note('two');
  commit('an agent and a pool');
  const clone = join(home, 'clone');
  const made = run(home, home, 'git', 'clone', '--quiet', '--branch', 'change', join(home, 'origin'), clone);
  if (made.status !== 0) throw new Error(made.stderr);
  return { home, clone: join(clone, 'cluster') };
}

describe('in a clone of a repository with two commits, without secrets, state or anything generated', () => {
  let at: ReturnType<typeof cloned>;
  const k3sCdk = (...args: string[]) => run(at.clone, at.home, 'k3s-cdk', ...args);

  beforeAll(() => {
    at = cloned();
  });

  testGit('synth --check passes, and fails for what is not as cluster.yaml wants it', () => {
    expect(k3sCdk('synth', '--check')).toEqual({ status: 0, stdout: '', stderr: '' });
    const page = join(at.clone, 'hosts/agent.txt');
    const before = readFileSync(page, 'utf8');
    writeFileSync(page, before.replace('agent3', 'agent4'));
    expect(k3sCdk('synth', '--check')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^changed {2}hosts\/agent\.txt\nerror: the outputs are out of date/),
    });
    writeFileSync(page, before);
  });

  testGit('diff says what the second commit does, with the manifest as it was', () => {
    const { status, stdout, stderr } = k3sCdk('diff', 'origin/main');
    expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
    expect(stdout.split('\n').filter((line) => /^ {2}\S/.test(line))).toEqual([
      '  agent3 is new: prepare, firewall, nfs-client, k3s-binary, k3s',
      '  firewall on storage1',
      '  nfs on storage1',
      '  nodes on server1',
      '  new     IPAddressPool metallb-system/extra',
      '  changes ConfigMap default/note',
    ]);
    expect(stdout).toContain('      - data.text: one\n      + data.text: two\n');
    expect(k3sCdk('diff')).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(k3sCdk('diff', 'HEAD~1', '--json').stdout)).toMatchObject({
      ...{ exitCode: 3, from: 'HEAD~1:./cluster.yaml', to: 'cluster.yaml', problems: [] },
      hosts: { joining: ['agent3'] },
    });
  });

  testGit('a revision that there is not, or that is an option of git, is an error in a sentence', () => {
    for (const revision of ['nowhere', '--output=/tmp/x', 'HEAD:cluster.yaml', ''])
      expect(k3sCdk('diff', '--', revision)).toEqual({
        ...{ status: 1, stdout: '' },
        stderr: expect.stringMatching(
          /^error: git has no revision '.*' here: name a branch, a tag or a commit/,
        ),
      });
    expect(k3sCdk('diff', '-f', 'other.yaml', 'HEAD')).toMatchObject({
      status: 1,
      stderr: "error: revision 'HEAD' has no 'other.yaml' in this folder\n",
    });
  });

  testGit('it runs outside of a repository with two files, and says so where there is none', () => {
    const elsewhere = scratch();
    cpSync('cluster.yaml', join(elsewhere, 'cluster.yaml'));
    expect(run(elsewhere, at.home, 'k3s-cdk', 'diff')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^error: git does not read 'HEAD': not a git repository/),
    });
    const both = [join(at.clone, 'cluster.yaml'), join(at.clone, 'cluster.yaml')];
    expect(run(elsewhere, at.home, 'k3s-cdk', 'diff', ...both)).toMatchObject({ status: 0 });
    expect(run(elsewhere, at.home, 'k3s-cdk', 'diff', '-f', ...both, 'HEAD')).toMatchObject({ status: 2 });
  });

  testGit('nothing is written but by those who ask for it', () => {
    expect(run(at.clone, at.home, 'git', 'status', '--porcelain', '--ignored').stdout).toBe('');
    expect(existsSync(join(at.clone, 'cdktf.out'))).toBe(false);
  });

  describe('the workflow files of examples/ci', () => {
    const review = (name: string): string[] => {
      const flow = parse(readFileSync(join('examples/ci', name), 'utf8'));
      if (name.startsWith('gitlab')) return flow.review.script;
      return flow.jobs.review.steps.flatMap(({ name, run }: { name?: string; run?: string }) =>
        run === undefined || name === 'install' || name === 'comment' ? [] : [run],
      );
    };

    testGit('review a pull request in that clone, and write the comment', () => {
      for (const name of Object.keys(readTree('examples/ci'))) {
        const steps = review(name).filter((step) => !step.includes('curl'));
        expect(steps.join('\n')).toMatch(/validate[\s\S]*synth --check[\s\S]*diff/);
        const variables = 'export BASE=main CI_MERGE_REQUEST_TARGET_BRANCH_NAME=main';
        const done = run(at.clone, at.home, 'bash', '-e', '-c', [variables, ...steps].join('\n'));
        expect({ name, ...done }).toMatchObject({ name, status: 0 });
        expect(readFileSync(join(at.clone, 'diff.md'), 'utf8')).toMatch(
          /^### What this does to `homelab`\n[\s\S]*- agent3 is new[\s\S]*- new IPAddressPool metallb-system\/extra/,
        );
        expect(run(at.clone, at.home, 'git', 'clean', '-q', '-f', 'diff.md').status).toBe(0);
      }
    });
  });
});

test('every command of ours in the workflow files exists, with these options', () => {
  const lines = Object.values(readTree('examples/ci')).flatMap((text) => {
    parse(text);
    return [...text.matchAll(/^(?!\s*#).*?(?<=\s)k3s-cdk ((?:(?! >| \|\||\n).)+)/gm)].map(
      ([, line = '']) => line,
    );
  });
  expect(lines.length).toBeGreaterThan(9);
  const problems = lines.map((line) => commandLineProblem(line.replaceAll('"', '').split(' ')));
  expect(problems.filter((problem) => problem !== undefined)).toEqual([]);
});
