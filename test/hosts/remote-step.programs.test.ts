import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { synthHosts } from '../../src/roles/hosts-app';
import { anyKey, topologyWith } from '../support/hosts-topology';
import { findProgram } from '../support/programs';
import { scratchFolders } from '../support/scratch';
import { Sshd, testWithSshd } from '../support/sshd';

jest.setTimeout(120_000);
const scratch = scratchFolders();
const programs = ['terraform', 'tofu'].filter((name) => findProgram(name));
const testSsh = testWithSshd();
const testTerraform: typeof testSsh =
  programs.length > 0
    ? testSsh
    : (name, run) => test.skip(`${name} [SKIPPED: neither terraform nor tofu is installed]`, run);

interface Resource {
  connection?: object;
  depends_on?: readonly string[];
  lifecycle?: object;
  for_each?: object;
  provisioner: readonly Record<string, { connection?: Record<string, unknown>; source?: string }>[];
}

/** A person with a real SSH server for a host, and what Terraform does with two resources of the stack on it. */
class OneHost {
  readonly home: string;
  private constructor(
    private readonly program: string,
    private readonly folder: string,
    private readonly sshd: Sshd,
  ) {
    this.home = join(folder, 'home');
  }

  static async start(program: string): Promise<OneHost> {
    const folder = scratch();
    mkdirSync(join(folder, 'home'));
    const command = `ForceCommand cd ${folder}/home && PATH=${folder}/bin:$PATH exec sh -c "$SSH_ORIGINAL_COMMAND"`;
    const host = new OneHost(program, folder, await Sshd.start(['ed25519'], command));
    host.write();
    return host;
  }

  stop(): void {
    this.sshd.stop();
  }

  terraform(...args: string[]) {
    const { status, stdout, stderr } = spawnSync(
      this.program,
      [`-chdir=${join(this.folder, 'cdktf.out/stacks/hosts')}`, ...args, '-input=false', '-no-color'],
      { encoding: 'utf8', env: { ...process.env, CHECKPOINT_DISABLE: '1', TF_CLI_CONFIG_FILE: '/dev/null' } },
    );
    return { status, output: stdout + stderr };
  }

  /** Programs that the host has in place of its own. */
  stub(name: string, body: string): void {
    mkdirSync(join(this.folder, 'bin'), { recursive: true });
    writeFileSync(join(this.folder, 'bin', name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(this.folder, 'bin', name), 0o755);
  }

  /** What a step has left on the host. */
  uninstaller(body: string): void {
    this.file('lib/uninstall.d/50-k3s', `${body}\n`);
  }

  /** The stack as it is, of which only what is done to storage1 goes to this host. */
  private write(): void {
    const topology = {
      ...topologyWith('hosts: [{ name: storage1, address: 127.0.0.1, roles: [database, server] }]', anyKey),
      provisioner: 'builtin' as const,
    };
    const tree = new Map(synthHosts(topology, { crds: '', manifestSet: '' }).files);
    const path = 'stacks/hosts/cdk.tf.json';
    const stack = JSON.parse(tree.get(path) ?? '{}');
    const resources: Record<string, Resource> = stack.resource.terraform_data;
    const reach = {
      host: '127.0.0.1',
      port: this.sshd.port,
      user: userInfo().username,
      private_key: this.sshd.identity,
      host_key: this.sshd.hostKey('ed25519'),
    };
    const { membership, storage1_database: step } = resources;
    if (!membership || !step) throw new Error('the stack has no such resources');
    membership.for_each = {
      storage1: { name: 'storage1', node: false, host: reach, removers: [reach, reach] },
    };
    step.connection = {
      ...step.connection,
      ...reach,
      private_key: `\${file("${reach.private_key}")}`,
      agent: false,
    };
    // Nothing that it is built on is here.
    const [bring] = step.provisioner as unknown as { 'remote-exec': { inline: string[] } }[];
    if (!bring) throw new Error('the step brings nothing');
    const { inline } = bring['remote-exec'];
    bring['remote-exec'].inline = ['set -eu', ...inline.slice(1 + inline.indexOf('${local.confirm_runs}'))];
    step.depends_on = [];
    stack.resource = { terraform_data: { membership, step } };
    // They are about the others.
    delete stack.output;
    stack.locals.applied_before = [];
    // This machine may be a host of somebody's.
    const elsewhere = (text: string) => text.replaceAll('/usr/local/lib/k3s-cdk', join(this.folder, 'lib'));
    tree.set(path, elsewhere(JSON.stringify(stack)));
    this.stub('sudo', 'shift; exec "$@"');
    for (const [name, text] of tree) {
      // It would make this machine a host.
      const harmless =
        'folder=$(dirname "$0"); ls -A "$folder"; stat -c "%a" "$folder"; cat "$folder/$3/server.key"; rm -r "$folder"\n';
      this.file(join('cdktf.out', name), name.endsWith('/start.sh') ? harmless : text);
    }
    for (const name of ['ca.crt', 'server.crt', 'server.key'])
      this.file(join('secrets/hosts/storage1/database', name), 'SECRET\n');
    expect(this.terraform('init')).toMatchObject({ status: 0 });
  }

  private file(name: string, text: string): void {
    mkdirSync(dirname(join(this.folder, name)), { recursive: true });
    writeFileSync(join(this.folder, name), text);
  }
}

describe.each(programs)('with %s', (program) => {
  let host: OneHost;
  beforeEach(async () => {
    host = await OneHost.start(program);
  });
  afterEach(() => host.stop());

  testTerraform('a step makes what it needs, whatever lies in the place of its folder', () => {
    for (const before of [undefined, 'file', 'folder'] as const) {
      rmSync(join(host.home, '.k3s-cdk'), { recursive: true, force: true });
      if (before === 'file') writeFileSync(join(host.home, '.k3s-cdk'), '');
      if (before === 'folder') mkdirSync(join(host.home, '.k3s-cdk'));
      const { status, output } = host.terraform('apply', '-auto-approve', '-replace=terraform_data.step');
      expect({ status, output }).toMatchObject({ status: 0 });
      const said = output.match(/(?<=remote-exec\): )\S+$/gm) ?? [];
      for (const name of [
        'start.sh',
        'lib.sh',
        'run.sh',
        'step.env',
        'postgresql.conf',
        'database',
        '700',
        'SECRET',
      ])
        expect(said).toContain(name);
      expect(readdirSync(host.home)).toEqual(['.k3s-cdk']);
      // What Terraform leaves of the last script.
      expect(readdirSync(join(host.home, '.k3s-cdk'))).toEqual([expect.stringMatching(/^\d+\.sh$/)]);
    }
  });

  testTerraform('a host leaves without a folder in its home, and leaves none', () => {
    expect(host.terraform('apply', '-auto-approve', '-target=terraform_data.membership')).toMatchObject({
      status: 0,
    });
    host.stub('systemd-run', `echo "$*" >>${host.home}/../timers`);
    host.stub('flock', 'exit 0');
    host.uninstaller('echo k3s is uninstalled; rm "$0"');
    const { status, output } = host.terraform('destroy', '-auto-approve');
    expect({ status, output }).toMatchObject({ status: 0 });
    expect(output).toMatch(/\): k3s is uninstalled[\s\S]*\): storage1 has left the cluster/);
    // Each script goes a moment later, by its own name.
    const left = readdirSync(host.home);
    expect(
      left.every((name) => /^\.k3s-cdk-\d+\.sh$/.test(name) && statSync(join(host.home, name)).size === 0),
    ).toBe(true);
    const timers = readFileSync(join(host.home, '../timers'), 'utf8').trim().split('\n');
    expect(timers.map((line) => line.replace(/.* rm -f \S+\//, '')).sort()).toEqual(
      expect.arrayContaining(left),
    );
    expect(timers).toHaveLength(3);
  });

  testTerraform('a home folder that takes nothing is told as that, and not as a full disk', () => {
    host.stub('scp', 'printf "\\001scp: ./.k3s-cdk-1.sh: Permission denied\\n"; exit 1');
    const { status, output } = host.terraform('apply', '-auto-approve');
    expect(status).toBe(1);
    expect(output).toContain('Failed to upload script: scp: ./.k3s-cdk-1.sh: Permission denied');
    expect(existsSync(join(host.home, '.k3s-cdk'))).toBe(false);
  });
});
