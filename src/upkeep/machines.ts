import { proxyEnv } from '../model/proxy-env';
import { oneText } from '../model/script';
import { shellQuote } from '../model/shell-quote';
import type { Host, Topology } from '../model/topology';
import { lastLines } from '../programs/last-lines';
import { bashAsRoot, type SshClient } from '../ssh/client';
import { connectFailures } from '../ssh/reach';
import { rootFailure } from '../ssh/root-failure';
import { SshError } from '../ssh/ssh-error';
import { Answer, AnswerError, answerFailure, oneOf, text } from '../status/answer';
import { UserError } from '../user-error';
import upkeep from './scripts/upkeep.sh';

const minutes = 60_000;

/**
 * How long each may take. A Raspberry Pi boots in less than two minutes, and a server with much memory in ten. The
 * kubelet has a minute for pods before a machine goes down, and systemd a minute and a half for each service.
 */
const limits = {
  ask: 15 * minutes,
  drain: 30 * minutes,
  install: 70 * minutes,
  settle: 10 * minutes,
  boot: 15 * minutes,
  off: 6 * minutes,
};

/** The transient unit of an installation: it outlives its connection, and a second one waits for it. */
const unit = 'k3s-cdk-update';

/** Between two looks at a host that is down. */
const pauseMs = 2000;

/** What is to be done on a host. */
export interface Pending {
  readonly packages: readonly { readonly name: string; readonly version: string }[];
  /** Why it has to be rebooted. Undefined: it need not. */
  readonly reboot?: string;
  /** ID of its boot. */
  readonly boot: string;
  /** Who has cordoned its node: an update that did not end, or somebody else. */
  readonly cordon: 'ours' | 'others' | 'no';
}

export interface MachinesOptions {
  readonly ssh: Pick<SshClient, 'run'>;
  /** Names this update's turns of agents. */
  readonly now: Date;
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** What an update or a shutdown does on hosts, as root. */
export class Machines {
  constructor(
    private readonly topology: Topology,
    private readonly options: MachinesOptions,
  ) {}

  /** @param packages whether they are of interest, or only a reboot @throws UserError */
  async pending(host: Host, packages: boolean): Promise<Pending> {
    const said = await this.call(host, 'pending', limits.ask, { PACKAGES: `${packages}` });
    try {
      return readPending(said);
    } catch (error) {
      if (!(error instanceof AnswerError)) throw error;
      throw new UserError(`${host.name}: ${answerFailure(error.message)}`);
    }
  }

  /** Moves its pods elsewhere; without other nodes they stay. @throws UserError */
  async drain(host: Host): Promise<void> {
    try {
      await this.call(host, 'drain', limits.drain);
    } catch (error) {
      if (!(error instanceof SshError) || error.failure !== 'timeout') throw error;
      throw new UserError(
        `${host.name} could not be drained within ${limits.drain / minutes} minutes: other agents are away, maybe because an update of them did not end; 'kubectl get configmap k3s-cdk-turns --namespace kube-system -o yaml' names them`,
      );
    }
  }

  /** Installs what is pending. A lost connection ends it no more than a Ctrl-C. @throws UserError */
  async install(host: Host): Promise<void> {
    const isThere = `systemctl is-active --quiet ${unit}`;
    // bash reads its input line by line: what follows is that of the unit's bash.
    const inUnit = `for _ in {1..1800}; do ${isThere} || break; sleep 2; done; exec systemd-run --quiet --collect --pipe --wait --unit ${unit} bash -s\n`;
    await this.call(host, 'install', limits.install, {}, inUnit);
  }

  /** Waits until its node is back, and lets pods come. @throws UserError */
  async settle(host: Host): Promise<void> {
    await this.call(host, 'settle', limits.settle);
  }

  /** Reboots it, and waits until it answers in another boot. @throws UserError */
  async reboot(host: Host, { boot }: Pick<Pending, 'boot'>): Promise<void> {
    await this.goDown(host, 'reboot');
    await this.until(host, limits.boot, 'has not come back from its reboot', async () => {
      const { stdout } = await this.options.ssh.run(host, 'cat /proc/sys/kernel/random/boot_id', {
        timeoutMs: 15_000,
      });
      return stdout.trim() !== '' && stdout.trim() !== boot;
    });
  }

  /** Switches it off, and waits until it is. @throws UserError */
  async powerOff(host: Host): Promise<void> {
    await this.goDown(host, 'poweroff');
    await this.until(host, limits.off, 'is still on', async () => {
      try {
        await this.options.ssh.run(host, 'true', { timeoutMs: 15_000 });
        return false;
      } catch (error) {
        // One that refuses connections has stopped its SSH server, and may have more to stop.
        if (error instanceof SshError && isOff(error)) return true;
        throw error;
      }
    });
  }

  /** A moment later: its own connection, and whatever ends with it, is not to be mistaken for a failure. */
  private async goDown(host: Host, how: 'reboot' | 'poweroff'): Promise<void> {
    const input = `systemd-run --quiet --collect --on-active=1 --timer-property=AccuracySec=100ms systemctl ${how} </dev/null\n`;
    const { exitCode, stderr } = await this.options.ssh.run(host, bashAsRoot, { input, timeoutMs: minutes });
    if (exitCode !== 0) throw new UserError(`${host.name} does not ${how}: ${rootFailure(host, stderr)}`);
  }

  /** Asks until the answer is yes. */
  private async until(
    host: Host,
    limit: number,
    complaint: string,
    ask: () => Promise<boolean>,
  ): Promise<void> {
    let last = '';
    for (let waited = 0; waited < limit; waited += pauseMs) {
      const began = performance.now();
      try {
        if (await ask()) return;
        last = 'it answers';
      } catch (error) {
        if (!(error instanceof SshError) || isFinal(error)) throw error;
        last = `it ${error.reason}`;
      }
      waited += performance.now() - began;
      await this.options.pause(pauseMs);
    }
    throw new UserError(
      `${host.name} ${complaint} after ${limit / minutes} minutes (${last}): look at its console, and at what 'systemd-inhibit --list' names`,
    );
  }

  /** Runs a function of upkeep.sh. @param before a first line @returns what it prints @throws UserError */
  private async call(
    host: Host,
    call: string,
    timeoutMs: number,
    others: Readonly<Record<string, string>> = {},
    before = '',
  ): Promise<string> {
    const { nodes, k3s, proxy } = this.topology;
    const inputs = {
      CALL: call,
      HOST: host.name,
      COMMAND: host.kind,
      DRAIN: `${nodes.length > 1}`,
      MAX_UNAVAILABLE: `${k3s.maxUnavailable}`,
      APPLY: this.options.now.toISOString().replace(/\.\d+/, ''),
      ...proxyEnv(proxy),
      ...others,
    };
    const lines = Object.entries(inputs).map(([name, value]) => `${name}=${shellQuote(value)}\n`);
    const input = `${before}${lines.join('')}${oneText(upkeep)}`;
    const { exitCode, stdout, stderr } = await this.options.ssh.run(host, bashAsRoot, { input, timeoutMs });
    if (exitCode === 0) return stdout;
    const complaint = `error: ${host.name}: `;
    throw new UserError(
      stderr.includes(complaint)
        ? `${host.name}: ${lastLines(stderr).replace(complaint, '')}`
        : `${host.name} ${rootFailure(host, stderr)}`,
    );
  }
}

function readPending(said: string): Pending {
  const answer = new Answer(said);
  if (!answer.first('end')) throw new AnswerError('is not complete');
  const reason = answer.first('reboot')?.[0];
  return {
    packages: answer.all('package').map(([name, version]) => ({ name: text(name), version: text(version) })),
    ...(reason !== undefined && { reboot: text(reason) }),
    boot: text(answer.first('boot')?.[0]),
    cordon: oneOf(answer.first('cordon')?.[0], ['ours', 'others', 'no'], 'a cordon'),
  };
}

function isOff({ failure, reason }: SshError): boolean {
  return failure === 'unreachable' && reason !== connectFailures.ECONNREFUSED;
}

/** One that no reboot explains. */
function isFinal({ failure }: SshError): boolean {
  return ['host-key-unknown', 'host-key-changed', 'key-file', 'no-ssh'].includes(failure);
}
