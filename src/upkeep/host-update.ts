import { nameList } from '../model/host-groups';
import type { Host, Topology } from '../model/topology';
import { DatabaseHost } from '../recovery/database-host';
import type { SshClient } from '../ssh/client';
import { count, duration } from '../status/figures';
import { problemSentences } from '../status/problem-sentences';
import { UserError } from '../user-error';
import { besideDatabase, type Finding, witnesses } from './health';
import type { Machines, Pending } from './machines';

/** Until all is well again after a host: a standby catches up, load balancers see their server again. */
const recoveryMs = 10 * 60_000;
const pauseMs = 3000;

export interface HostUpdateOptions {
  readonly machines: Machines;
  readonly ssh: Pick<SshClient, 'run'>;
  /** What the probes of `status` find on some hosts. @param known hosts of which nothing counts */
  readonly health: (hosts: readonly Host[], known?: ReadonlySet<string>) => Promise<Finding>;
  /** Hosts that were off before. */
  readonly off: ReadonlySet<string>;
  /** Whether hosts that the database depends on are among those that are updated. */
  readonly database: boolean;
  /** Milliseconds of a clock that only goes forward. */
  readonly clock: () => number;
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** Updates hosts, each from its drain to the proof that the next one may go down. */
export class HostUpdate {
  readonly rebooted: Host[] = [];
  private readonly inHand = new Set<string>();

  constructor(
    private readonly topology: Topology,
    private readonly options: HostUpdateOptions,
  ) {}

  /** @param say what the host waits for @returns what was done, as a line @throws UserError */
  async run(host: Host, pending: Pending, say: (what: string) => void): Promise<string> {
    const { machines, clock } = this.options;
    const { packages, cordon } = pending;
    let { reboot } = pending;
    const startedAt = clock();
    this.inHand.add(host.name);
    if (packages.length > 0 || reboot !== undefined) {
      await this.handOver(host, say);
      say('its pods to move');
      await machines.drain(host);
    }
    if (packages.length > 0) {
      say(count(packages.length, 'package'));
      await machines.install(host);
      ({ reboot } = await machines.pending(host, false));
    }
    if (reboot !== undefined) {
      say('its reboot');
      await machines.reboot(host, pending);
      this.rebooted.push(host);
      const { reboot: still } = await machines.pending(host, false);
      if (still !== undefined)
        throw new UserError(
          `${host.name} was rebooted and still has to be (${still}): choose that kernel in its boot loader, or remove its package`,
        );
    }
    if (host.kind !== 'none') say('its node');
    await machines.settle(host);
    say('the cluster to be well');
    await this.recovery(host);
    this.inHand.delete(host.name);
    const done = [
      ...(packages.length > 0 ? [count(packages.length, 'package')] : []),
      ...(reboot === undefined ? [] : [`rebooted (${reboot})`]),
      ...(cordon === 'ours' ? ['takes pods again'] : []),
    ];
    return `${host.name}: ${done.join(', ')}, ${duration(clock() - startedAt)}`;
  }

  /** The primary of several database hosts becomes a standby first. */
  private async handOver(host: Host, say: (what: string) => void): Promise<void> {
    if (!this.topology.database.cluster || !host.roles.includes('database')) return;
    const { primary } = await this.options.health([host]);
    if (primary !== host.name) return;
    say('another primary');
    await new DatabaseHost(host, this.options.ssh).switchOver();
  }

  /** Waits until another host may go down. @throws UserError with what is wrong */
  private async recovery(host: Host): Promise<void> {
    const { health, clock, pause, off, database } = this.options;
    const deadline = clock() + recoveryMs;
    for (;;) {
      const others = [...this.inHand].filter((name) => name !== host.name);
      const known = new Set([...off, ...others]);
      const found = await health(witnesses(this.topology, host), known);
      const problems = database ? found.problems : besideDatabase(found.problems);
      const lost = [...found.off].filter((name) => !known.has(name));
      if (problems.length === 0 && lost.length === 0) return;
      if (clock() > deadline)
        throw new UserError(
          [
            `the cluster is not well after ${host.name}:`,
            ...problemSentences(problems).map(({ text }) => text),
            ...(lost.length > 0 ? [`no answer from ${nameList(lost)}`] : []),
          ].join('\n  '),
        );
      await pause(pauseMs);
    }
  }
}
