import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { synthHosts } from '../../src/roles/hosts-app';
import { planOptions } from '../../src/terraform/terraform';
import { anyKey, topologyWith } from './hosts-topology';

interface Resource {
  provisioner?: readonly object[];
  [attribute: string]: unknown;
}

/** The whole stack, whose steps and departures write down when they begin and end instead of doing anything. */
export class NotedStack {
  private readonly stack: string;

  constructor(
    private readonly folder: string,
    private readonly program: string,
  ) {
    this.stack = join(folder, 'cdktf.out/stacks/hosts');
    mkdirSync(this.stack, { recursive: true });
  }

  /**
   * Applies what this cluster.yaml says, as `k3s-cdk deploy` does if it is not told otherwise.
   *
   * @returns what happened, in order: `server1_k3s`, `server3 leaves`, `server3 has left`
   */
  apply(yaml: string, options: readonly string[] = planOptions): string[] {
    const topology = { ...topologyWith(yaml, anyKey), provisioner: 'builtin' as const };
    const tree = synthHosts(topology, { crds: '', manifestSet: '' }).files;
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
      if (/_finished$|^applied$/.test(name)) delete resource.provisioner;
      if (resource.provisioner) resource.provisioner = [{ 'local-exec': { ...when, command } }];
    }
    this.write('cdktf.out/stacks/hosts/cdk.tf.json', JSON.stringify(config));
    this.write('notes', '');
    this.terraform('init');
    this.terraform('apply', '-auto-approve', '-parallelism=64', ...options);
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
