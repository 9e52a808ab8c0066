import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostKeys } from '../../src/model/ssh';
import { synthHosts } from '../../src/roles/hosts-app';
import { planOptions } from '../../src/terraform/terraform';
import { anyKey, topologyWith } from './hosts-topology';

interface Resource {
  lifecycle?: { readonly replace_triggered_by?: readonly string[] };
  provisioner?: readonly object[];
  [attribute: string]: unknown;
}

interface Circumstances {
  /** What known_hosts says. @default - one key for all hosts */
  readonly hostKeys?: HostKeys;
  /** The step that fails, and the apply with it. @default - none */
  readonly failing?: string;
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
  apply(
    yaml: string,
    options: readonly string[] = planOptions,
    { hostKeys = anyKey, failing }: Circumstances = {},
  ): string[] {
    const topology = { ...topologyWith(yaml, hostKeys), provisioner: 'builtin' as const };
    const tree = synthHosts(topology, { crds: '', manifestSet: '' }).files;
    for (const [path, text] of tree) this.write(join('cdktf.out', path), text);
    const config = JSON.parse(tree.get('stacks/hosts/cdk.tf.json') ?? '{}');
    const resources: Record<string, Resource> = config.resource.terraform_data;
    for (const [name, resource] of Object.entries(resources)) {
      delete resource.connection;
      const { replace_triggered_by } = resource.lifecycle ?? {};
      delete resource.lifecycle;
      if (replace_triggered_by) resource.lifecycle = { replace_triggered_by };
      const note = (text: string) => `echo "${text}" >>${this.folder}/notes`;
      const command =
        name === 'membership'
          ? `${note('${self.input.name} leaves')}; sleep 2; ${note('${self.input.name} has left')}`
          : name === failing
            ? 'exit 1'
            : note(name);
      const when = name === 'membership' ? { when: 'destroy' } : {};
      if (/_finished$|^applied$/.test(name)) delete resource.provisioner;
      if (resource.provisioner) resource.provisioner = [{ 'local-exec': { ...when, command } }];
    }
    this.write('cdktf.out/stacks/hosts/cdk.tf.json', JSON.stringify(config));
    this.write('notes', '');
    this.terraform(0, 'init');
    this.terraform(failing ? 1 : 0, 'apply', '-auto-approve', '-parallelism=64', ...options);
    return readFileSync(join(this.folder, 'notes'), 'utf8').split('\n').filter(Boolean);
  }

  private write(name: string, text: string): void {
    mkdirSync(join(this.folder, name, '..'), { recursive: true });
    writeFileSync(join(this.folder, name), text);
  }

  private terraform(wanted: number, ...args: string[]): void {
    const { status, stdout, stderr } = spawnSync(
      this.program,
      [`-chdir=${this.stack}`, ...args, '-input=false', '-no-color'],
      {
        encoding: 'utf8',
        env: { ...process.env, TF_CLI_CONFIG_FILE: '/dev/null', CHECKPOINT_DISABLE: '1' },
      },
    );
    expect({ status, output: stdout + stderr }).toMatchObject({ status: wanted });
  }
}
