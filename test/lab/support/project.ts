import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { testWhen } from '../../support/needs';
import type { CommandOptions, CommandResult } from '../command';
import type { Lab } from '../lab';
import { RunningApply } from './running-apply';
import { providerMirror, type Tools, usualTools } from './tools';

/** Whether there is something to apply the hosts output with. */
export const canApply = usualTools.program !== '';

/** `test`, where there is. */
export const testApply = testWhen(canApply, 'nothing is applied: neither terraform nor tofu is on the PATH');

const program = join(__dirname, '../../../bin/k3s-cdk.js');

/** A person's folder with a cluster.yaml, and what that person does with it, in the network of a lab. */
export class Project {
  readonly folder: string;
  /** Where Terraform finds the null provider. */
  readonly environment: Record<string, string>;
  private readonly program: string;
  /** Addresses of steps that had begun when an apply was killed, and have not ended since. */
  private readonly ranWhenKilled = new Set<string>();

  /** @param name of its folder, which it may have already */
  constructor(
    private readonly lab: Lab,
    readonly tools: Tools,
    name = 'project',
  ) {
    // It goes with the lab, also when this process is killed.
    this.folder = folder(lab.directory, name);
    const config = this.path('terraform.rc');
    const mirror = `provider_installation {
  filesystem_mirror {
    path = "${providerMirror}"
    include = ["registry.terraform.io/hashicorp/null", "registry.opentofu.org/hashicorp/null"]
  }
}
`;
    writeFileSync(config, tools.provisioner === 'builtin' ? '' : mirror);
    // On the path, where an installed one is: messages name commands as they were called.
    const bin = join(lab.directory, 'bin');
    this.program = join(bin, 'k3s-cdk');
    mkdirSync(bin, { recursive: true });
    if (!existsSync(this.program)) symlinkSync(program, this.program);
    this.environment = {
      PATH: `${bin}${delimiter}${process.env.PATH}`,
      TF_CLI_CONFIG_FILE: config,
      TF_IN_AUTOMATION: '1',
      NO_COLOR: '1',
      SSH_AUTH_SOCK: lab.agentSocket,
    };
  }

  /** The same on another machine of this person, or another person's: with secrets and state. */
  copy(name: string): Project {
    cpSync(this.folder, join(this.folder, '..', name), { recursive: true, verbatimSymlinks: true });
    return new Project(this.lab, this.tools, name);
  }

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  /** Writes cluster.yaml; every JSON is YAML. */
  write(cluster: object): void {
    writeFileSync(this.path('cluster.yaml'), JSON.stringify(cluster, null, 2));
  }

  /** What all clusters of the lab have at the top of cluster.yaml. */
  get usual() {
    return {
      name: 'lab',
      ssh: { user: 'pi', privateKey: this.lab.privateKey },
      addons: { ingress: 'none', metricsServer: false },
      provisioner: this.tools.provisioner,
    };
  }

  /** Writes a cluster.yaml with these keys and the usual ones. */
  writeCluster(keys: object): void {
    this.write({ ...this.usual, ...keys });
  }

  /** `k3s-cdk …`, as installed. Throws when it fails. */
  k3sCdk(...args: string[]): Promise<CommandResult> {
    return this.run(args);
  }

  /** The same, returning its result also when it fails. */
  k3sCdkResult(...args: string[]): Promise<CommandResult> {
    return this.run(args, { allowFailure: true });
  }

  /** `k3s-cdk …` that runs terraform and kubectl: with what they have here. Throws when it fails. */
  k3sCdkLong(args: readonly string[], env: Readonly<Record<string, string>>): Promise<CommandResult> {
    return this.run(args, { env: { ...this.environment, ...env }, timeout: 3_600_000 });
  }

  /** The same with another home folder. Returns its result also when it fails. */
  k3sCdkAs(args: readonly string[], home: string): Promise<CommandResult> {
    const env = { ...this.environment, HOME: folder(home) };
    return this.run(args, { env, timeout: 900_000, allowFailure: true });
  }

  private run(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    const where = { cwd: this.folder, env: this.environment };
    return this.lab.run(process.execPath, [this.program, ...args], { ...where, ...options });
  }

  /** `terraform …` of the hosts. Returns its result also when it fails. */
  terraform(...args: string[]): Promise<CommandResult> {
    return this.terraformIn(this.path('cdktf.out/stacks/hosts'), ...args);
  }

  /** `terraform …` of another configuration. */
  terraformIn(folder: string, ...args: string[]): Promise<CommandResult> {
    return this.lab.run(this.tools.program, [`-chdir=${folder}`, ...args, '-no-color'], {
      cwd: this.folder,
      env: { ...this.environment, TF_VAR_last_applied: this.lastApplied() },
      timeout: 3_600_000,
      allowFailure: true,
    });
  }

  /** `terraform init`. Throws with the end of its output when it fails. */
  async init(): Promise<void> {
    const { status, stderr } = await this.terraform('init', '-input=false');
    if (status !== 0) throw new Error(`terraform init exits ${status}\n${tail(stderr, 20)}`);
  }

  /** Output of `terraform apply`. Throws with the end of it when it fails. */
  async apply(...options: string[]): Promise<Applied> {
    const began = performance.now();
    const { status, stdout, stderr } = await this.terraform(
      'apply',
      '-auto-approve',
      '-input=false',
      ...options,
    );
    if (status !== 0)
      throw new Error(
        `terraform apply exits ${status}\n${errorsOf(stdout)}\n${tail(said(stdout), 40)}\n${tail(stderr, 20)}`,
      );
    return { output: stdout, seconds: (performance.now() - began) / 1000, steps: startedSteps(stdout) };
  }

  /** The same after one that was killed: where a host has not finished a run, it is repeated as its failure says. */
  async applyAfterKill(...options: string[]): Promise<Applied> {
    const began = [...this.ranWhenKilled].map((address) => `-replace=${address}`);
    const { stdout, stderr } = await this.terraform(
      ...['apply', '-auto-approve', '-input=false', ...options, ...began],
    );
    const repeated =
      (stdout + stderr).match(/-replace=(null_resource|terraform_data)\.[\w.-]+(\[0\])?/g) ?? [];
    this.note(stdout);
    return this.apply(...options, ...new Set(repeated));
  }

  /** `terraform apply` with when each step began and how long it took. Throws with the last messages when it fails. */
  async applyTimed(...options: string[]): Promise<readonly TimedStep[]> {
    const { status, stdout } = await this.terraform(
      'apply',
      '-auto-approve',
      '-input=false',
      '-json',
      ...options,
    );
    const messages = stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as TerraformMessage);
    if (status !== 0)
      throw new Error(
        `terraform apply exits ${status}\n${tail(messages.map((m) => m['@message']).join('\n'), 40)}`,
      );
    return timedSteps(messages);
  }

  /** Steps on hosts as Terraform names them, each with those that it depends on. */
  dependencies(): ReadonlyMap<string, readonly string[]> {
    const { resource } = JSON.parse(readFileSync(this.path('cdktf.out/stacks/hosts/cdk.tf.json'), 'utf8'));
    const [resources] = [resource.null_resource ?? {}, resource.terraform_data ?? {}]
      .map((each) =>
        Object.entries<StepResource>(each).filter(([name, { connection }]) => connection && isStep(name)),
      )
      .sort((a, b) => b.length - a.length);
    return new Map(
      resources?.map(([name, { depends_on = [] }]) => [
        name,
        depends_on.map((address) => address.split('.')[1] ?? ''),
      ]),
    );
  }

  /** Names of steps, each after those that it depends on. */
  steps(): string[] {
    const dependencies = this.dependencies();
    const depth = (name: string): number => 1 + Math.max(0, ...(dependencies.get(name) ?? []).map(depth));
    return [...dependencies.keys()].sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1));
  }

  /** A step as Terraform addresses it: `null_resource.server1_k3s`. */
  address(step: string): string {
    return `${this.tools.provisioner === 'builtin' ? 'terraform_data' : 'null_resource'}.${step}`;
  }

  /** Begins `terraform apply` and returns. */
  startApply(...options: string[]): RunningApply {
    const args = [...this.hosts(), 'apply', '-auto-approve', '-input=false', '-no-color', ...options];
    const child = spawn('ip', ['netns', 'exec', this.lab.namespace, this.tools.program, ...args], {
      cwd: this.folder,
      env: { ...process.env, ...this.environment, TF_VAR_last_applied: this.lastApplied() },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new RunningApply(child);
  }

  /** `terraform apply` that dies of SIGKILL a moment after its output shows `point`; false when it ended before. */
  async applyKilledAt(point: string, ...options: string[]): Promise<boolean> {
    const apply = this.startApply(...options);
    if (await apply.reaches(point)) {
      await sleep(1000);
      apply.kill();
    }
    return (await apply.ended).status === null;
  }

  /**
   * `terraform apply` that dies of SIGKILL some milliseconds after the script of a step was reached, which is run once
   * more if it was done, as is all that ran when the last one died. Returns whether that was in the middle of the step,
   * or late: it had just ended; or never. Throws when the apply fails before.
   */
  async applyKilledIn(step: string, milliseconds: number): Promise<'middle' | 'late' | 'never'> {
    const again = new Set([this.address(step), ...this.ranWhenKilled]);
    const apply = this.startApply(...[...again].map((address) => `-replace=${address}`));
    // The first one brings the files.
    const script = new RegExp(`(\\.${step} \\(remote-exec\\): Connected!)[^]*?\\1`);
    if (await apply.reaches(script)) {
      await sleep(milliseconds);
      apply.kill();
    }
    const { status, output } = await apply.ended;
    this.note(output);
    if (status !== null && status !== 0)
      throw new Error(`terraform apply, to be killed in ${step}, exits ${status}\n${tail(said(output), 80)}`);
    if (status !== null) return 'never';
    return output.includes(`.${step}: Creation complete`) ? 'late' : 'middle';
  }

  private note(output: string): void {
    for (const [, address = '', begins] of output.matchAll(
      /^(\S+): (?:(Creating\.\.\.)|Creation complete)/gm,
    )) {
      if (!isStep(address) || !/^(null_resource|terraform_data)/.test(address)) continue;
      if (begins) this.ranWhenKilled.add(address);
      else this.ranWhenKilled.delete(address);
    }
  }

  /** Token and private keys, each by a piece that is nowhere else. */
  secrets(): string[] {
    const files = readdirSync(this.path('secrets'), { recursive: true, encoding: 'utf8' });
    const texts = files
      .filter((name) => /(\.key|token)$/.test(name))
      .map((name) => readFileSync(this.path('secrets', name), 'utf8').trim());
    return [...new Set(texts.map((text) => text.split('\n')[text.startsWith('-----') ? 1 : 0] ?? ''))];
  }

  /** What Terraform alone is told, by `output -json`. */
  private lastApplied(): string {
    const [file] = readdirSync(this.folder).filter((name) => name.endsWith('.tfstate'));
    if (file === undefined) return '';
    const { outputs = {} } = JSON.parse(readFileSync(this.path(file), 'utf8'));
    return Object.keys(outputs).length > 0 ? JSON.stringify(outputs) : '';
  }

  state(name: string): string {
    return readFileSync(this.path(`${name}.tfstate`), 'utf8');
  }

  private hosts(): string[] {
    return [`-chdir=${this.path('cdktf.out/stacks/hosts')}`];
  }
}

/** What of a step's resource is looked at here. */
interface StepResource {
  readonly connection?: object;
  readonly depends_on?: readonly string[];
}

export interface Applied {
  readonly output: string;
  readonly seconds: number;
  /** Steps that ran, as `server1_k3s`, sorted. */
  readonly steps: readonly string[];
}

export interface TimedStep {
  readonly step: string;
  /** Milliseconds since 1970. */
  readonly began: number;
  readonly ended: number;
}

/** A line of `terraform apply -json`. */
interface TerraformMessage {
  readonly '@message': string;
  readonly '@timestamp': string;
  readonly type: string;
  readonly hook?: {
    readonly action?: string;
    readonly resource?: { readonly resource_name: string; readonly resource_key?: string | null };
  };
}

function timedSteps(messages: readonly TerraformMessage[]): TimedStep[] {
  const began = new Map<string, number>();
  const steps: TimedStep[] = [];
  for (const { type, hook, '@timestamp': timestamp } of messages) {
    const { resource_name: name, resource_key: key } = hook?.resource ?? {};
    // With a key it is a member of the cluster, no step.
    // A step that runs again is first deleted, on paper.
    if (name === undefined || !isStep(name) || typeof key === 'string' || hook?.action === 'delete') continue;
    if (type === 'apply_start') began.set(name, Date.parse(timestamp));
    if (type === 'apply_complete')
      steps.push({ step: name, began: began.get(name) ?? Number.NaN, ended: Date.parse(timestamp) });
  }
  return steps.sort((a, b) => a.began - b.began);
}

/** Not what asks a host whether it has finished them, or remembers that they were applied. */
function isStep(name: string): boolean {
  return !/_finished(\[0\])?$|^applied\[/.test(name);
}

function startedSteps(output: string): string[] {
  const lines = output.matchAll(/^(?:null_resource|terraform_data)\.(\S+): Creating\.\.\.$/gm);
  return [...lines].flatMap(([, step = '']) => (isStep(step) ? [step] : [])).sort();
}

/** What steps print, without Terraform's account of its connections. */
function said(output: string): string {
  return output.replace(/^.* \(remote-exec\): (?: {2}\w|Connect).*\n/gm, '');
}

/** What failed steps say: others go on, and theirs is the end of the output. */
function errorsOf(output: string): string {
  return (output.match(/^.* \(remote-exec\): error: .*$/gm) ?? []).join('\n');
}

function tail(text: string, lines: number): string {
  return text.trim().split('\n').slice(-lines).join('\n');
}

/** Makes a folder and returns it. */
export function folder(...names: string[]): string {
  const path = join(...names);
  mkdirSync(path, { recursive: true });
  return path;
}
