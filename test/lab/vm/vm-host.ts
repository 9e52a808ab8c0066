import { spawn } from 'node:child_process';
import { closeSync, copyFileSync, existsSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownArchitecture } from '../architecture';
import { type CommandResult, command } from '../command';
import { consoleTail, countSshConnections, macAddress, readJson, sparse } from '../host-files';
import { bare, type HostConfig } from '../lab-config';
import type { LabContext, LabHost } from '../lab-host';
import {
  childrenOf,
  identify,
  isAlive,
  killGroup,
  type ProcessIdentity,
  processorTime,
} from '../process-identity';
import { waitFor } from '../wait';
import { accelerator } from './accelerator';
import { type BaseSystem, baseSystem, diskSize } from './base-system';
import { archive } from './boot-files';
import { type Guest, guests } from './guest';
import { GuestAgent, NoAnswer } from './guest-agent';
import { emulators } from './machine-packages';
import { qemuArguments } from './qemu-arguments';
import { bootDisk, firmware, writeBootDisk } from './raspberry';
import { writeSetup } from './setup';

const bootIdFile = '/proc/sys/kernel/random/boot_id';
/** A boot is given up when it has taken all of this, milliseconds and seconds of processor time: others may need those. */
const patience = { kvm: { time: 120_000, work: 0 }, tcg: { time: 600_000, work: 120 } };

/** A QEMU of its own, with a kernel of its own. All state is in files: any process can take it over. */
export class VmHost implements LabHost {
  readonly name: string;
  readonly address: string;
  readonly user: string;
  readonly port: number;
  private readonly agent: GuestAgent;
  private readonly guest: Guest;
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
    this.agent = new GuestAgent(this.file('agent.sock'));
    this.guest = guests[config.arch ?? ownArchitecture];
    this.bridgePort = `host${context.index}`;
  }

  async boot(signal?: AbortSignal): Promise<void> {
    if (this.isRunning()) throw new Error(`${this.name} is on already`);
    const base = await baseSystem(this.guest, this.config);
    await this.prepareDisks(base);
    await this.plugIn();
    const packages = await emulators(this.guest.arch);
    const { program, args, env } = packages.program(this.guest.program);
    const own = qemuArguments(packages, this.guest, base, this.config, {
      accelerator: accelerator(this.guest.arch),
      file: (name) => this.file(name),
      bridgePort: this.bridgePort,
      macAddress: macAddress(this.context.namespace, this.context.index),
    });
    signal?.throwIfAborted();
    const log = openSync(this.file('qemu.log'), 'a');
    const starts = this.config.firmware ? ['bash', firmware] : [];
    const boot = { BOOT_DISK: this.file(`${bootDisk}.img`), SHUTDOWN: this.file('shutdown') };
    const qemu = spawn('ip', ['netns', 'exec', this.context.namespace, ...starts, program, ...args, ...own], {
      env: { ...process.env, ...env, ...boot },
      // Of its own session: Ctrl-C in the terminal is for the lab, which then tears down in order.
      detached: true,
      stdio: ['ignore', log, log],
    });
    qemu.unref();
    closeSync(log);
    writeFileSync(this.file('qemu.json'), JSON.stringify(identify(qemu.pid ?? -1)));
    await this.waitForSsh(signal);
  }

  isRunning(): boolean {
    const qemu = this.qemu();
    return qemu !== undefined && isAlive(qemu);
  }

  async powerOff(): Promise<void> {
    const qemu = this.qemu();
    await this.ip('link', 'delete', this.bridgePort);
    const all = qemu ? [qemu, ...childrenOf(qemu.pid).flatMap((pid) => identify(pid) ?? [])] : [];
    // What the host has flushed is in the files; what it has not is lost with its memory.
    if (qemu) killGroup(qemu);
    await waitFor(`${this.name} is off`, () => !all.some(isAlive));
  }

  async reboot(): Promise<void> {
    const before = (await this.exec(`cat ${bootIdFile}`)).stdout;
    // An agent that ends with the machine leaves a question open, and the socket too.
    const bootId = async () =>
      (await this.agent.run('/usr/bin/cat', [bootIdFile], '', () => this.isRunning(), 2000)).stdout;
    // Later, or the agent, through which this is said, may be stopped before it answers.
    await this.exec('systemd-run --quiet --on-active=2s --timer-property=AccuracySec=100ms systemctl reboot');
    await waitFor(
      `${this.name} goes down for its reboot`,
      async () => (await bootId().catch(() => before)) !== before,
      { timeout: 600_000, interval: 200, explain: () => this.consoleTail() },
    );
    await this.waitForSsh();
  }

  async exec(script: string, options: Parameters<LabHost['exec']>[1] = {}): Promise<CommandResult> {
    if (!this.isRunning()) throw new Error(`${this.name} is off`);
    // Out of the agent's unit first: its end would be the script's.
    const enter = 'echo $$ >/sys/fs/cgroup/init.scope/cgroup.procs && exec "$@"';
    const environment = ['PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root', 'LANG=C.UTF-8'];
    const seconds = String((options.timeout ?? 600_000) / 1000);
    const limited = [
      'timeout',
      '--signal=KILL',
      seconds,
      'bash',
      '-c',
      script,
      'bash',
      ...(options.args ?? []),
    ];
    const args = ['-i', ...environment, ...entries(options.env), 'bash', '-c', enter, 'bash', ...limited];
    const result = await this.agent.run('/usr/bin/env', args, options.input ?? '', () => this.isRunning());
    if (result.status === 0 || options.allowFailure) return result;
    const output = `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-20).join('\n');
    throw new Error(`'${script}' on ${this.name} failed with status ${result.status}:\n${output}`);
  }

  async sshConnections(): Promise<number> {
    return Number((await this.exec(countSshConnections)).stdout);
  }

  processorTime(): number {
    const qemu = this.qemu();
    return qemu && isAlive(qemu) ? processorTime(qemu.pid) : 0;
  }

  async logs(): Promise<string> {
    const journal =
      this.isRunning() && (await this.agent.answers(5000))
        ? (await this.exec('journalctl -b -n 200 --no-pager', { allowFailure: true })).stdout
        : '';
    return `${this.consoleTail(200)}\n${journal}`;
  }

  async destroy(): Promise<void> {
    await this.powerOff();
  }

  /** Files of the machine's own, made before its first boot. */
  private async prepareDisks(base: BaseSystem): Promise<void> {
    for (const [index, { size = 4096 }] of (this.config.disks ?? []).entries()) {
      sparse(this.file(`disk${index}.img`), size);
    }
    if (this.config.firmware) await writeBootDisk(this.file(`${bootDisk}.img`), this.config.firmware);
    if (existsSync(this.file('system.img'))) return;
    const own = this.file('setup');
    mkdirSync(own, { recursive: true });
    writeSetup(own, this.config, {
      identity: this.file('identity'),
      macAddress: macAddress(this.context.namespace, this.context.index),
      routes: this.context.routes,
    });
    copyFileSync(base.initrd, this.file('initrd'));
    await archive(own, this.file('setup.cpio'));
    // The kernel unpacks one archive after the other.
    await command('sh', ['-c', 'cat "$1" >>"$2"', 'sh', this.file('setup.cpio'), this.file('initrd')]);
    await this.copySystem(base.disk);
  }

  /** Raw and sparse: qcow2 keeps its tables in QEMU's memory, which a power loss would take along. */
  private async copySystem(from: string): Promise<void> {
    const copy = `${this.file('system.img')}.part`;
    await command('cp', ['--sparse=always', '--reflink=auto', from, copy]);
    const size = this.config.storage;
    if (size !== undefined && size !== diskSize) {
      await command('e2fsck', ['-pf', copy], { allowFailure: true });
      await command('resize2fs', [copy, `${size}M`]);
      await command('truncate', ['-s', `${size}M`, copy]);
    }
    await command('mv', [copy, this.file('system.img')]);
  }

  private async plugIn(): Promise<void> {
    const { namespace } = this.context;
    await this.ip('link', 'delete', this.bridgePort);
    await command('ip', ['-n', namespace, 'tuntap', 'add', 'dev', this.bridgePort, 'mode', 'tap']);
    await command('ip', ['-n', namespace, 'link', 'set', this.bridgePort, 'master', 'bridge', 'up']);
  }

  /** `ip` in the lab's namespace; what is not there is no error. */
  private async ip(...args: string[]): Promise<void> {
    await command('ip', ['-n', this.context.namespace, ...args], { allowFailure: true });
  }

  private async waitForSsh(signal?: AbortSignal): Promise<void> {
    const port = this.port.toString(16).toUpperCase().padStart(4, '0');
    const addresses = this.config.addresses.map((address) => `ip -o address | grep -qF ' ${address} '`);
    // Field 4 of /proc/net/tcp is the state, 0A is LISTEN. A connection would be counted.
    const listens = `cat /proc/net/tcp /proc/net/tcp6 | grep -q ':${port} [0-9A-F]*:0000 0A '`;
    const isUp = [listens, ...addresses].join(' && ');
    const { time, work } = patience[accelerator(this.guest.arch)];
    const [began, spent] = [performance.now(), this.processorTime()];
    const isGivenUp = () => performance.now() - began > time && this.processorTime() - spent > work;
    await waitFor(
      `${this.name} listens on port ${this.port}`,
      async () => {
        signal?.throwIfAborted();
        if (!this.isRunning() || isGivenUp())
          throw new Error(`${this.name} does not boot:\n${this.consoleTail()}`);
        if (!(await this.agent.answers(2000))) return false;
        return this.exec(isUp, { allowFailure: true }).then(({ status }) => status === 0, ignoreNoAnswer);
      },
      { timeout: Number.POSITIVE_INFINITY, interval: 1000 },
    );
  }

  private qemu(): ProcessIdentity | undefined {
    return readJson(this.file('qemu.json'));
  }

  private consoleTail(lines?: number): string {
    return `${consoleTail(this.file('qemu.log'), lines)}${consoleTail(this.file('console.log'), lines)}`;
  }

  private file(name: string): string {
    return join(this.context.directory, name);
  }
}

function ignoreNoAnswer(error: unknown): false {
  if (error instanceof NoAnswer) return false;
  throw error;
}

function entries(env: Readonly<Record<string, string>> = {}): string[] {
  return Object.entries(env).map(([name, value]) => `${name}=${value}`);
}
