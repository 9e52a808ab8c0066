import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RecordKind, recordKinds } from '../../src/model/records';
import type { HostKeys } from '../../src/model/ssh';
import { recordName } from '../../src/model/step-address';
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

/** A stack with the records of what was applied and their guards alone: in place of the steps before them, one that does what the test says. */
export class GuardedStack {
  readonly stack: string;
  private readonly steps: string;
  private cluster = '';

  /**
   * @param folder empty
   * @param record the one that is looked at: `k3s-version`, …
   * @param backend of the state @default - a file named after the cluster
   */
  constructor(
    readonly folder: string,
    private readonly program: string,
    private readonly record: RecordKind,
    private readonly backend?: object,
  ) {
    this.stack = join(folder, 'cdktf.out/stacks/hosts');
    this.steps = join(folder, 'cdktf.out/steps.sh');
    mkdirSync(this.stack, { recursive: true });
    this.stepsFail(false);
  }

  /**
   * @param yaml what cluster.yaml says besides the hosts that tests have
   * @param hostKeys what known_hosts says
   */
  want(yaml: string, hostKeys: HostKeys = anyKey): this {
    const topology = topologyWith(yaml, hostKeys);
    this.cluster = topology.name;
    const { variable, locals, output, resource } = SynthesizedHosts.terraform(topology) as unknown as {
      variable: object;
      locals: Record<string, unknown>;
      output: object;
      resource: { terraform_data: Record<string, object> };
    };
    const records = recordKinds
      .map(recordName)
      .filter((id) => resource.terraform_data[id])
      .map((id) => [id, { ...resource.terraform_data[id], depends_on: ['terraform_data.step'] }]);
    const step = {
      triggers_replace: [yaml, ...topology.hosts.map(({ name, hostKey }) => `${name} ${hostKey}`)],
      provisioner: [{ 'local-exec': { command: `sh ${this.steps}` } }],
    };
    const { applied } = resource.terraform_data;
    const config = {
      terraform: {
        backend: this.backend ?? { local: { path: `../../../${topology.name}.tfstate` } },
      },
      ...{ variable, output },
      // Without the files of steps, which are not here.
      locals: { ...locals, step_files: {} },
      resource: { terraform_data: { step, ...Object.fromEntries(records), applied } },
    };
    writeFileSync(join(this.stack, 'cdk.tf.json'), JSON.stringify(config, null, 2));
    return this;
  }

  /** As `k3s-cdk deploy` does: with what was applied last. */
  run(command: string, env: Record<string, string> = {}, ...options: string[]) {
    return this.alone(command, { TF_VAR_last_applied: this.lastApplied, ...env }, ...options);
  }

  /** Terraform without this. */
  alone(command: string, env: Record<string, string> = {}, ...options: string[]) {
    const args = command === 'init' ? [] : command === 'plan' ? ['-detailed-exitcode'] : ['-auto-approve'];
    const all = [command, ...args, ...options, '-input=false', '-no-color'];
    const { status, stdout, stderr } = this.terraform(all, env);
    return { status, output: (stdout + stderr).replace(/\s*\n[│╷╵ ]*/g, ' ') };
  }

  /** Plans know each other by the second; steps take longer than that. */
  aSecondLater(): this {
    spawnSync('sleep', ['1.1']);
    return this;
  }

  stepsFail(yes: boolean): void {
    writeFileSync(this.steps, `exit ${yes ? 1 : 0}\n`);
  }

  /** They do not end by themselves. @param file is made when they begin */
  stepsWait(file: string): void {
    writeFileSync(this.steps, `touch ${file}; sleep 60\n`);
  }

  /** The record; undefined where there is none. */
  get known(): string | undefined {
    return JSON.parse(this.lastApplied || '{}')[this.record.replaceAll('-', '_')]?.value;
  }

  /** What the state has of the last apply; empty before the first one. */
  get lastApplied(): string {
    const { stdout } = this.terraform(['output', '-json', '-no-color'], {});
    return Object.keys(JSON.parse(stdout || '{}')).length > 0 ? stdout : '';
  }

  /** Where older versions had the record. */
  get formerFile(): string {
    return join(this.folder, `${this.cluster}.tfstate.${this.record}`);
  }

  private terraform(args: readonly string[], env: Record<string, string>) {
    return spawnSync(this.program, [`-chdir=${this.stack}`, ...args], {
      encoding: 'utf8',
      env: { ...process.env, TF_CLI_CONFIG_FILE: '/dev/null', CHECKPOINT_DISABLE: '1', ...env },
    });
  }
}
