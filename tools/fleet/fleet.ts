import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { clusterOf, type FleetHost } from './cluster-of';
import { drawnSeconds } from './drawn';

/** What a program took, its children included. */
export interface Usage {
  readonly seconds: number;
  readonly processorSeconds: number;
  readonly peakMegabytes: number;
  readonly status: number;
  readonly output: string;
}

/** A step that the stand-in has answered. */
export interface Ran {
  readonly host: string;
  readonly step: string;
  /** As drawn. */
  readonly seconds: number;
  /** How many hosts could run it at once, if it waited for its turn. */
  readonly lanes?: number;
}

/** What cluster.yaml says, and what is so. */
export interface FleetState {
  readonly hosts: readonly FleetHost[];
  /** Names of hosts that are off. */
  readonly off: readonly string[];
  /** Version of k3s. */
  readonly version: string;
  /** A step that fails the next time, by host. @default - none */
  readonly failing?: Readonly<Record<string, string>>;
}

const timeProgram = '/usr/bin/time';
/** Of the state alone, as `deploy` does it. */
const planOf = ['plan', '-input=false', '-no-color', '-refresh=false', '-out=plan'] as const;

const stackFolder = 'cdktf.out/stacks/hosts';
const program = resolve('bin/k3s-cdk.js');

/** A cluster.yaml with its outputs, state, and an SSH server that stands in for all of its hosts. */
export class Fleet {
  readonly folder = mkdtempSync(join(tmpdir(), 'k3s-cdk-fleet-'));
  private readonly standIn: ChildProcess;
  private off: readonly string[] = [];

  /**
   * Needs a network namespace of its own: the stand-in listens on the addresses of the machines.
   *
   * @param machines all that there are, in the cluster or not
   */
  constructor(
    private readonly machines: readonly FleetHost[],
    private readonly draw: { readonly seed: number; readonly scale: number },
  ) {
    if (!existsSync(timeProgram)) throw new Error(`'${timeProgram}' is missing: install the package 'time'`);
    this.standIn = fork(join(__dirname, 'ssh-stand-in.js'), { execArgv: [] });
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(this.folder, 'key')]);
  }

  /** Writes cluster.yaml and its outputs; returns what synth took. */
  async become({ hosts, off, version, failing = {} }: FleetState): Promise<Usage> {
    const entries = this.machines.map(({ name, address }) => {
      const seconds = drawnSeconds(this.draw.seed, name, this.draw.scale);
      return [address, { name, seconds, ...(failing[name] && { failing: failing[name] }) }];
    });
    const { hostKeys } = await this.ask<{ hostKeys: Record<string, string> }>({
      hosts: Object.fromEntries(entries),
    });
    const known = Object.entries(hostKeys).map(([address, key]) => `${address} ${key}\n`);
    writeFileSync(join(this.folder, 'known_hosts'), known.join(''));
    const more = ['provisioner: builtin', 'ssh: { user: pi, privateKey: ./key }'];
    writeFileSync(join(this.folder, 'cluster.yaml'), clusterOf(hosts, { more, version }));
    this.route(off);
    // Secrets, once; then only what is new.
    const init = await this.run(process.execPath, program, 'init', '--yes');
    if (init.status !== 0) throw new Error(init.output);
    return this.run(process.execPath, program, 'synth');
  }

  terraform(...args: string[]): Promise<Usage> {
    return this.run('terraform', `-chdir=${stackFolder}`, ...args);
  }

  /** With what was applied last, as `deploy` does it. */
  async plan(deferred: readonly string[] = []): Promise<Usage> {
    const { output } = await this.terraform('output', '-json');
    return this.terraform(
      ...planOf,
      `-var=last_applied=${output.trim() === '{}' ? '' : output}`,
      ...(deferred.length > 0 ? [`-var=deferred=${JSON.stringify(deferred)}`] : []),
    );
  }

  /** Plans as many resources as there are now, which do nothing and depend on nothing. */
  async planPlain(): Promise<Usage> {
    const folder = join(this.folder, 'plain');
    const trigger = (name: string) => ({ address: name, config: 'x'.repeat(64), script: 'x'.repeat(64) });
    const names = [...this.dependencies().keys()].map((address) => address.replace(/.*\./, ''));
    const terraform_data = Object.fromEntries(
      names.map((name) => [name, { triggers_replace: trigger(name) }]),
    );
    mkdirSync(folder);
    writeFileSync(join(folder, 'main.tf.json'), JSON.stringify({ resource: { terraform_data } }));
    await this.run('terraform', '-chdir=plain', 'init', '-input=false');
    return this.run('terraform', '-chdir=plain', ...planOf);
  }

  /** The steps that ran since the last call. */
  async ran(): Promise<readonly Ran[]> {
    return (await this.ask<{ ran: Ran[] }>({ ask: 'ran' })).ran;
  }

  /** By the address of a step, those that it waits for. */
  dependencies(): Map<string, readonly string[]> {
    const stack = JSON.parse(readFileSync(join(this.folder, stackFolder, 'cdk.tf.json'), 'utf8')) as {
      resource: Record<string, Record<string, { depends_on?: readonly string[] }>>;
    };
    return new Map(
      Object.entries(stack.resource).flatMap(([type, resources]) =>
        Object.entries(resources).map(
          ([name, { depends_on = [] }]) => [`${type}.${name}`, depends_on] as const,
        ),
      ),
    );
  }

  end(): void {
    this.route([]);
    this.standIn.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** What is sent to a host that is off goes to a bridge without anybody on it. */
  private route(off: readonly string[]): void {
    const address = (name: string) => this.machines.find((host) => host.name === name)?.address;
    const change = (action: string, name: string) =>
      execFileSync('ip', [
        'route',
        action,
        `${address(name)}/32`,
        'dev',
        'dark',
        'src',
        '10.9.250.2',
        'table',
        'local',
      ]);
    for (const name of this.off) if (!off.includes(name)) change('delete', name);
    for (const name of off) if (!this.off.includes(name)) change('add', name);
    this.off = off;
  }

  private async ask<T>(message: object): Promise<T> {
    const answer = new Promise<T>((done) => this.standIn.once('message', done as (answer: unknown) => void));
    this.standIn.send(message);
    return answer;
  }

  private async run(...command: string[]): Promise<Usage> {
    const result = join(this.folder, 'usage');
    const child = spawn(timeProgram, ['-q', '-f', '%e %U %S %M', '-o', result, ...command], {
      cwd: this.folder,
      env: {
        ...process.env,
        TF_CLI_CONFIG_FILE: '/dev/null',
        CHECKPOINT_DISABLE: '1',
        TF_IN_AUTOMATION: '1',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = new Promise<number | null>((done) => child.on('close', done));
    const [status, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    const [seconds = 0, user = 0, system = 0, peak = 0] = readFileSync(result, 'utf8').split(' ').map(Number);
    return {
      seconds,
      processorSeconds: user + system,
      peakMegabytes: Math.round(peak / 1024),
      status: status ?? -1,
      output: stdout + stderr,
    };
  }
}
