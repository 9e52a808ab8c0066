import { cpSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type SynthOptions, synthCommand } from '../../src/commands/synth';
import { RecordingTerminal } from '../support/recording-terminal';
import { readTree, scratchFolders } from '../support/scratch';

const scratch = scratchFolders();

/** Keys of all hosts, so that nothing is left to warn about. */
const knownHosts = '192.168.10.* ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFvA\n';

/** A project folder with the reference cluster. */
function project(): string {
  const folder = scratch();
  cpSync('cluster.yaml', join(folder, 'cluster.yaml'));
  writeFileSync(join(folder, 'known_hosts'), knownHosts);
  return folder;
}

function run(folder: string, options: Partial<SynthOptions> = {}, environment: NodeJS.ProcessEnv = {}) {
  const terminal = new RecordingTerminal(folder);
  const exitCode = synthCommand(
    { file: join(folder, 'cluster.yaml'), check: false, ...options },
    { environment },
    terminal,
  );
  return { exitCode, printed: terminal.printed, errors: terminal.errors };
}

function edit(folder: string, from: string | RegExp, to: string): void {
  const file = join(folder, 'cluster.yaml');
  const before = readFileSync(file, 'utf8');
  const after = before.replace(from, to);
  expect(after).not.toBe(before);
  writeFileSync(file, after);
}

test('writes all outputs beside cluster.yaml, and says what and what is next', () => {
  const folder = project();
  const { exitCode, printed, errors } = run(folder);
  expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: [] });
  expect(printed).toContainEqual(expect.stringMatching(/^added {4}cdktf\.out, \d+ files$/));
  expect(printed).toContain('added    dist/20-nfs.k8s.yaml');
  expect(printed.slice(-3)).toEqual([
    'next:',
    '  terraform -chdir=cdktf.out/stacks/hosts init && terraform -chdir=cdktf.out/stacks/hosts apply',
    '  kubectl apply -f dist',
  ]);
  expect(Object.keys(readTree(join(folder, 'dist'))).length).toBeGreaterThan(0);
});

test('the next commands call OpenTofu where that is what is there', () => {
  const folder = project();
  const bin = scratch();
  writeFileSync(join(bin, 'tofu'), '');
  expect(run(folder, {}, { PATH: bin }).printed.at(-2)).toBe(
    '  tofu -chdir=cdktf.out/stacks/hosts init && tofu -chdir=cdktf.out/stacks/hosts apply',
  );
});

test('says that nothing changed when nothing did, and touches nothing', () => {
  const folder = project();
  run(folder);
  const before = readTree(folder);
  expect(run(folder).printed[0]).toBe('nothing changed');
  expect(readTree(folder)).toEqual(before);
});

test('a change of one pool address is one line of output in one file', () => {
  const folder = project();
  run(folder);
  const before = readTree(folder);
  edit(folder, '192.168.10.220', '192.168.10.219');
  const { printed } = run(folder);
  expect(printed.filter((line) => /^(added|changed|removed) /.test(line))).toHaveLength(1);
  const changed = Object.entries(readTree(folder)).filter(
    ([path, text]) => path !== 'cluster.yaml' && before[path] !== text,
  );
  expect(changed).toHaveLength(1);
  const [[path = '', text = ''] = []] = changed;
  const lines = (content = '') => content.split('\n');
  expect(lines(text).filter((line) => !lines(before[path]).includes(line))).toHaveLength(1);
});

test('--check writes nothing and exits with 1 when an output is stale', () => {
  const folder = project();
  expect(run(folder, { check: true })).toMatchObject({ exitCode: 1 });
  expect(existsSync(join(folder, 'dist'))).toBe(false);
  run(folder);
  expect(run(folder, { check: true })).toEqual({ exitCode: 0, printed: [], errors: [] });
  edit(folder, 'name: homelab', 'name: other');
  const stale = run(folder, { check: true });
  expect(stale.exitCode).toBe(1);
  expect(stale.errors.at(-1)).toBe("error: the outputs are out of date: run 'k3s-cdk synth'");
});

test('in a clone, which has no cdktf.out, --check is about dist and hosts', () => {
  const folder = project();
  run(folder);
  rmSync(join(folder, 'cdktf.out'), { recursive: true });
  expect(run(folder, { check: true })).toEqual({ exitCode: 0, printed: [], errors: [] });
  rmSync(join(folder, 'known_hosts'));
  expect(run(folder, { check: true })).toMatchObject({ exitCode: 0, printed: [] });
  writeFileSync(join(folder, 'known_hosts'), knownHosts);
  edit(folder, '192.168.10.220', '192.168.10.230');
  expect(run(folder, { check: true })).toMatchObject({
    exitCode: 1,
    errors: [
      'changed  dist/10-metallb-config.k8s.yaml',
      expect.stringContaining('the outputs are out of date'),
    ],
  });
  edit(folder, '192.168.10.230', '192.168.10.220');
  writeFileSync(join(folder, 'hosts/agent.txt'), '# edited by hand');
  expect(run(folder, { check: true })).toMatchObject({
    exitCode: 1,
    errors: ['added    hosts/agent.txt', expect.stringContaining('the outputs are out of date')],
  });
});

test('an invalid file changes neither output and exits with 1', () => {
  const folder = project();
  run(folder);
  edit(folder, /roles: \[server\]/g, 'roles: [sever]');
  const before = readTree(folder);
  const { exitCode, errors } = run(folder);
  expect(exitCode).toBe(1);
  expect(errors.join('\n')).toContain('sever');
  expect(readTree(folder)).toEqual(before);
});

test('a part that is removed from cluster.yaml is removed from dist', () => {
  const folder = project();
  run(folder);
  const before = Object.keys(readTree(join(folder, 'dist')));
  edit(folder, /^metallb:\n([ #].*\n|\n)*/m, '');
  run(folder);
  const after = Object.keys(readTree(join(folder, 'dist')));
  expect(before.filter((name) => !after.includes(name)).join()).toContain('metallb');
});

test('Terraform gets the host keys of known_hosts, and hosts without one are a warning that names the way out', () => {
  const folder = project();
  run(folder);
  const stack = () => readFileSync(join(folder, 'cdktf.out/stacks/hosts/cdk.tf.json'), 'utf8');
  expect(stack()).toContain('"host_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFvA"');
  writeFileSync(join(folder, 'known_hosts'), knownHosts.replace('192.168.10.*', '192.168.10.1?'));
  expect(run(folder)).toMatchObject({
    exitCode: 0,
    errors: [
      "warning: no host key is known for agent1, agent2, so Terraform refuses to plan: run 'k3s-cdk init'",
    ],
  });
});

test('a patch that fits nothing is an error in words, and nothing is written', () => {
  const folder = project();
  edit(
    folder,
    /$/,
    '\npatches:\n  - { kind: Deployment, name: nobody, operations: [{ op: remove, path: /spec }] }\n',
  );
  const { exitCode, errors } = run(folder);
  expect({ exitCode, errors }).toEqual({
    exitCode: 1,
    errors: [
      `cluster.yaml:86:31: error: there is no Deployment 'nobody' in the manifests: take kind and name from a file in dist
  86 |   - { kind: Deployment, name: nobody, operations: [{ op: remove, path: …
     |                               ^^^^^^
     | hint: objects of this kind: controller, nfs-subdir-provisioner

1 error, 0 warnings`,
    ],
  });
  expect(existsSync(join(folder, 'dist'))).toBe(false);
});

test('an output folder that cannot be written is an error with its reason, and no stack trace', () => {
  const folder = project();
  writeFileSync(join(folder, 'dist'), 'a file');
  const { exitCode, errors } = run(folder);
  expect(exitCode).toBe(1);
  expect(errors).toEqual([
    expect.stringMatching(
      /^error: cannot write the outputs: '.*dist.*': a file is where a folder is needed$/,
    ),
    'the previous outputs were not changed',
  ]);
  // Neither of the two.
  expect(Object.keys(readTree(folder)).sort()).toEqual(['cluster.yaml', 'dist', 'known_hosts']);
});

test.each(['/proc', '/proc/nope', '/dev/null'])('--out %s ends with one line', (out) => {
  const { exitCode, errors } = run(project(), { out });
  expect(exitCode).toBe(1);
  expect(errors[0]).toMatch(
    /^error: cannot write the outputs: '\/(proc|dev).*': (no such file or directory|permission denied|a file is where a folder is needed)$/,
  );
});

test('an output whose folder is a link to nowhere changes nothing', () => {
  const folder = project();
  symlinkSync('nowhere', join(folder, 'dist'));
  const { exitCode, errors } = run(folder);
  expect(exitCode).toBe(1);
  expect(errors[0]).toMatch(
    /^error: cannot write the outputs: '.*dist' is a link to 'nowhere', which does not exist/,
  );
  expect(existsSync(join(folder, 'cdktf.out'))).toBe(false);
});

test('--out and the folders that cdktf and cdk8s ask for are respected', () => {
  const folder = project();
  run(folder, { out: join(folder, 'elsewhere') });
  expect(existsSync(join(folder, 'elsewhere/cdktf.out/manifest.json'))).toBe(true);
  rmSync(join(folder, 'elsewhere'), { recursive: true });
  run(folder, { hostsFolder: join(folder, 'h'), clusterFolder: join(folder, 'c') });
  expect([existsSync(join(folder, 'h/manifest.json')), existsSync(join(folder, 'c'))]).toEqual([true, true]);
});
