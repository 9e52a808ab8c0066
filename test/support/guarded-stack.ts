import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostKeys } from '../../src/model/ssh';
import { SynthesizedHosts } from './hosts-stack';
import { anyKey, topologyWith } from './hosts-topology';
import { answers, testWhen } from './needs';

/** Of Terraform and OpenTofu, those that are here. */
export const programs = ['terraform', 'tofu'].filter((name) => answers(name, 'version'));

/** `test`, where there is one of them. */
export const testGuard = testWhen(
  programs.length > 0,
  'what plans refuse is not tried: neither terraform nor tofu is on the PATH',
);

/** A stack with one record of what was applied and its guard alone: in place of the steps before it, one that fails where there is a file `fails`. */
export class GuardedStack {
  private readonly stack: string;
  private cluster = '';

  /**
   * @param folder empty
   * @param record `k3s-version`, …
   */
  constructor(
    readonly folder: string,
    private readonly program: string,
    private readonly record: string,
  ) {
    this.stack = join(folder, 'cdktf.out/stacks/hosts');
    mkdirSync(this.stack, { recursive: true });
  }

  /**
   * @param yaml what cluster.yaml says besides the hosts that tests have
   * @param hostKeys what known_hosts says
   */
  want(yaml: string, hostKeys: HostKeys = anyKey): this {
    const topology = topologyWith(yaml, hostKeys);
    this.cluster = topology.name;
    const { variable, locals, resource } = SynthesizedHosts.terraform(topology) as unknown as {
      variable: object;
      locals: Record<string, unknown>;
      resource: { terraform_data: Record<string, object> };
    };
    const id = this.record.replaceAll('-', '_');
    const step = {
      triggers_replace: [yaml, ...topology.hosts.map(({ name, hostKey }) => `${name} ${hostKey}`)],
      provisioner: [{ 'local-exec': { command: `test ! -e ${join(this.folder, 'fails')}` } }],
    };
    const config = {
      terraform: { backend: { local: { path: `../../../${topology.name}.tfstate` } } },
      variable,
      // Without the files of steps, which are not here.
      locals: { ...locals, step_files: {} },
      resource: {
        terraform_data: {
          step,
          [id]: { ...resource.terraform_data[id], depends_on: ['terraform_data.step'] },
          [`${id}_file`]: resource.terraform_data[`${id}_file`],
        },
      },
    };
    writeFileSync(join(this.stack, 'cdk.tf.json'), JSON.stringify(config, null, 2));
    return this;
  }

  run(command: string, env: Record<string, string> = {}, ...options: string[]) {
    const args = command === 'init' ? [] : command === 'plan' ? ['-detailed-exitcode'] : ['-auto-approve'];
    const { status, stdout, stderr } = spawnSync(
      this.program,
      [`-chdir=${this.stack}`, command, ...args, ...options, '-input=false', '-no-color'],
      {
        encoding: 'utf8',
        env: { ...process.env, TF_CLI_CONFIG_FILE: '/dev/null', CHECKPOINT_DISABLE: '1', ...env },
      },
    );
    return { status, output: (stdout + stderr).replace(/\s*\n[│╷╵ ]*/g, ' ') };
  }

  stepsFail(yes: boolean): void {
    const file = join(this.folder, 'fails');
    if (yes) writeFileSync(file, '');
    else rmSync(file, { force: true });
  }

  /** The note; undefined where there is none. */
  get known(): string | undefined {
    return existsSync(this.file) ? readFileSync(this.file, 'utf8').trim() : undefined;
  }

  /** Something else comes into its file. */
  note(text: string): void {
    writeFileSync(this.file, text);
  }

  private get file(): string {
    return join(this.folder, `${this.cluster}.tfstate.${this.record}`);
  }
}
