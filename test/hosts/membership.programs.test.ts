import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { synthHosts } from '../../src/hosts/hosts-app';
import { programs, testGuard } from '../support/guarded-stack';
import { anyKey, topologyWith } from '../support/hosts-topology';
import { scratchFolders } from '../support/scratch';

jest.setTimeout(120_000);
const scratch = scratchFolders();

interface Resource {
  provisioner?: readonly object[];
  [attribute: string]: unknown;
}

/** The whole stack, whose steps and departures write down when they begin and end instead of doing anything. */
class NotedStack {
  private readonly stack: string;

  constructor(
    private readonly folder: string,
    private readonly program: string,
  ) {
    this.stack = join(folder, 'cdktf.out/stacks/hosts');
    mkdirSync(this.stack, { recursive: true });
  }

  /** Applies what this cluster.yaml says. @returns what happened, in order: `server1_k3s`, `server3 leaves`, `server3 has left` */
  apply(yaml: string): string[] {
    const topology = { ...topologyWith(yaml, anyKey), provisioner: 'builtin' as const };
    const tree = synthHosts(topology, { crds: '', manifestSet: '' });
    for (const [path, text] of tree) this.write(join('cdktf.out', path), text);
    const config = JSON.parse(tree.get('stacks/hosts/cdk.tf.json') ?? '{}');
    const resources: Record<string, Resource> = config.resource.terraform_data;
    for (const [name, resource] of Object.entries(resources)) {
      delete resource.connection;
      delete resource.lifecycle;
      const note = (text: string) => `echo "${text}" >>${this.folder}/notes`;
      const command =
        name === 'membership'
          ? `${note('${self.input.name} leaves')}; sleep 2; ${note('${self.input.name} has left')}`
          : note(name);
      const when = name === 'membership' ? { when: 'destroy' } : {};
      if (resource.provisioner) resource.provisioner = [{ 'local-exec': { ...when, command } }];
    }
    this.write('cdktf.out/stacks/hosts/cdk.tf.json', JSON.stringify(config));
    this.write('notes', '');
    this.terraform('init');
    this.terraform('apply', '-auto-approve', '-parallelism=64');
    return readFileSync(join(this.folder, 'notes'), 'utf8').split('\n').filter(Boolean);
  }

  private write(name: string, text: string): void {
    mkdirSync(join(this.folder, name, '..'), { recursive: true });
    writeFileSync(join(this.folder, name), text);
  }

  private terraform(...args: string[]): void {
    const { status, stdout, stderr } = spawnSync(
      this.program,
      [`-chdir=${this.stack}`, ...args, '-input=false', '-no-color'],
      {
        encoding: 'utf8',
        env: { ...process.env, TF_CLI_CONFIG_FILE: '/dev/null', CHECKPOINT_DISABLE: '1' },
      },
    );
    expect({ status, output: stdout + stderr }).toMatchObject({ status: 0 });
  }
}

const cluster = (...names: string[]) => `hosts:
  - { name: storage1, address: 192.168.10.10, roles: [database, nfs] }
${names.map((name) => `  - { name: ${name}, address: 192.168.10.1${name.slice(-1)}, roles: [server] }`).join('\n')}
`;

testGuard(
  'a host that leaves has left before anything else is done, also where its machine comes back under another name',
  () => {
    for (const program of programs) {
      const stack = new NotedStack(scratch(), program);
      const first = stack.apply(cluster('server1', 'server2', 'server3'));
      expect(first).toContain('server3_k3s');
      const renamed = stack.apply(cluster('server1', 'server2', 'srv3'));
      expect(renamed.slice(0, 2)).toEqual(['server3 leaves', 'server3 has left']);
      // What others must know of it waits too.
      expect(renamed).toEqual(
        expect.arrayContaining(['srv3_prepare', 'srv3_k3s', 'server1_load-balancer', 'server1_nodes']),
      );
      expect(stack.apply(cluster('server1', 'server2')).slice(0, 2)).toEqual([
        'srv3 leaves',
        'srv3 has left',
      ]);
    }
  },
);
