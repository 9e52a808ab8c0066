import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandResult, command } from '../command';
import { packageRepository } from '../debian/package-repository';
import { repositoryMount } from '../debian/root-filesystem';
import { consoleTail, countSshConnections, macAddress, readJson, shortId, sparse } from '../host-files';
import { bare, type HostConfig } from '../lab-config';
import type { LabContext, LabHost } from '../lab-host';
import { childrenOf, identify, isAlive, kill, type ProcessIdentity } from '../process-identity';
import { waitFor } from '../wait';
import { Cgroup } from './cgroup';
import { containerRoot } from './container-root';
import { listens } from './listens';

/** A systemd-nspawn container, kept by `supervise.sh`. All state is in files: any process can take it over. */
export class ContainerHost implements LabHost {
  readonly name: string;
  readonly address: string;
  readonly user: string;
  readonly port: number;
  private readonly namespace: string;
  private readonly machine: string;
  private readonly cgroup: Cgroup;
  /** The host's end of the lab's bridge. */
  private readonly bridgePort: string;

  constructor(
    private readonly config: HostConfig,
    private readonly context: LabContext,
  ) {
    this.name = config.name;
    this.address = bare(config.addresses[0] ?? '');
    this.user = config.user ?? 'pi';
    this.port = config.port ?? 22;
    this.namespace = `${context.namespace}.${config.name}`;
    this.machine = `lab-${shortId(context.namespace)}-${context.index}`;
    this.cgroup = new Cgroup(this.namespace);
    this.bridgePort = `host${context.index}`;
  }

  async boot(): Promise<void> {
    if (this.isRunning()) throw new Error(`${this.name} is on already`);
    const environment = await this.environment();
    const console = openSync(this.file('console.log'), 'a');
    const supervisor = spawn('bash', [join(__dirname, 'supervise.sh')], {
      env: { ...process.env, ...environment },
      // Of its own session: Ctrl-C in the terminal is for the lab, which then tears down in order.
      detached: true,
      stdio: ['ignore', console, console],
    });
    supervisor.unref();
    closeSync(console);
    writeFileSync(this.file('supervisor.json'), JSON.stringify(identify(supervisor.pid ?? -1)));
    await this.waitForSsh();
  }

  isRunning(): boolean {
    const supervisor = this.supervisor();
    return supervisor !== undefined && isAlive(supervisor);
  }

  async powerOff(): Promise<void> {
    const link = ['-n', this.context.namespace, 'link', 'set', this.bridgePort, 'down'];
    await command('ip', link, { allowFailure: true });
    const supervisor = this.supervisor();
    await this.cgroup.remove();
    await waitFor(`${this.name} is off`, () => !(supervisor && isAlive(supervisor)), { timeout: 20_000 });
  }

  async reboot(): Promise<void> {
    const before = this.leader();
    await this.exec('systemctl reboot');
    await waitFor(
      `${this.name} goes down for its reboot`,
      () => this.leader() !== undefined && this.leader()?.pid !== before?.pid,
      { timeout: 120_000, explain: () => this.consoleTail() },
    );
    await this.waitForSsh();
  }

  async exec(script: string, options: Parameters<LabHost['exec']>[1] = {}): Promise<CommandResult> {
    const leader = this.leader();
    if (!leader) throw new Error(`${this.name} is off`);
    const environment = ['PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root', 'LANG=C.UTF-8'];
    const inside = ['env', '-i', ...environment, 'bash', '-c', script, 'bash', ...(options.args ?? [])];
    // Into the host's cgroup first: logind has no answer for a process outside.
    const enter =
      'echo $$ >"$0" && exec nsenter -t "$1" --mount --uts --ipc --net --pid --cgroup -- "${@:2}"';
    const processes = join(this.cgroup.path, 'payload', 'init.scope', 'cgroup.procs');
    return command('bash', ['-c', enter, processes, String(leader.pid), ...inside], options);
  }

  async sshConnections(): Promise<number> {
    return Number((await this.exec(countSshConnections)).stdout);
  }

  processorTime(): number {
    return this.cgroup.processorTime();
  }

  async logs(): Promise<string> {
    const journal = this.leader()
      ? (await this.exec('journalctl -b -n 200 --no-pager', { allowFailure: true })).stdout
      : '';
    return `${this.consoleTail(200)}\n${journal}`;
  }

  async destroy(): Promise<void> {
    const supervisor = this.supervisor();
    // The supervisor first, or it would boot the host again.
    if (supervisor) kill(supervisor);
    await waitFor(`${this.name}'s supervisor ends`, () => !(supervisor && isAlive(supervisor)));
    await this.cgroup.remove();
    await command('ip', ['-n', this.context.namespace, 'link', 'delete', this.bridgePort], {
      allowFailure: true,
    });
    await command('ip', ['netns', 'delete', this.namespace], { allowFailure: true });
    for (const directory of ['propagate', 'unix-export']) {
      rmSync(`/run/systemd/nspawn/${directory}/${this.machine}`, { recursive: true, force: true });
    }
  }

  private async environment(): Promise<Record<string, string>> {
    const disks = (this.config.disks ?? []).map(({ device, size = 4096 }, index) => {
      const image = this.file(`disk${index}.img`);
      sparse(image, size);
      return `${image} ${device}`;
    });
    if (this.config.storage !== undefined && !existsSync(this.file('storage.img'))) {
      sparse(this.file('storage.img'), this.config.storage);
      await command('mkfs.ext4', ['-q', '-m', '0', this.file('storage.img')]);
    }
    return {
      LAB_NAMESPACE: this.context.namespace,
      NAMESPACE: this.namespace,
      CGROUP: this.cgroup.path,
      PORT: this.bridgePort,
      MAC: macAddress(this.context.namespace, this.context.index),
      ADDRESSES: this.context.routes.join('\n'),
      HOST_NAME: this.name,
      MACHINE: this.machine,
      DIRECTORY: this.context.directory,
      ROOT: await containerRoot(),
      REPOSITORY: await packageRepository(),
      REPOSITORY_MOUNT: repositoryMount,
      STORAGE: String(this.config.storage ?? ''),
      DISKS: disks.join('\n'),
      PERSONALITY: this.config.personality ?? '',
      SHARED: this.config.shared ?? '',
      LAB_USER: this.user,
      SSH_PORT: String(this.port),
      SUDO: this.config.sudo ?? 'passwordless',
    };
  }

  private async waitForSsh(): Promise<void> {
    await waitFor(
      `${this.name} listens on port ${this.port}`,
      () => {
        if (!this.isRunning()) throw new Error(`${this.name} does not boot:\n${this.consoleTail()}`);
        const leader = this.leader();
        return leader !== undefined && listens(leader.pid, this.port);
      },
      { timeout: 60_000, interval: 10, explain: () => this.consoleTail() },
    );
  }

  private supervisor(): ProcessIdentity | undefined {
    return readJson(this.file('supervisor.json'));
  }

  private nspawn(): ProcessIdentity | undefined {
    try {
      return identify(Number(readFileSync(this.file('nspawn.pid'), 'utf8')));
    } catch {
      return undefined;
    }
  }

  /** The host's own process 1, seen from the machine. */
  private leader(): ProcessIdentity | undefined {
    if (!this.isRunning()) return undefined;
    const isFirst = (pid: number) => {
      try {
        return /^NSpid:\t\d+\t1$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
      } catch {
        return false;
      }
    };
    const pid = childrenOf(this.nspawn()?.pid ?? -1).find(isFirst);
    return pid === undefined ? undefined : identify(pid);
  }

  private consoleTail(lines?: number): string {
    return consoleTail(this.file('console.log'), lines);
  }

  private file(name: string): string {
    return join(this.context.directory, name);
  }
}
