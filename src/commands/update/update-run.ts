import { setTimeout } from 'node:timers/promises';
import { nameList } from '../../model/host-groups';
import type { Host } from '../../model/topology';
import { DatabaseHost } from '../../recovery/database-host';
import { SshClient } from '../../ssh/client';
import { concurrently } from '../../ssh/concurrently';
import { count, duration } from '../../status/figures';
import { problemSentences } from '../../status/problem-sentences';
import { type Finding, health, witnesses } from '../../upkeep/health';
import { inOrder, type Outcome, type Stage } from '../../upkeep/in-order';
import { layers, primaryLast } from '../../upkeep/layers';
import { Machines, type Pending } from '../../upkeep/machines';
import { UserError } from '../../user-error';
import { DeployError } from '../deploy/deploy-error';
import type { DeployContext } from '../deploy/deploy-options';
import type { Deployment } from '../deploy/deployment';
import { exitCodes } from '../exit-codes';
import { outageLines, pendingLines } from './pending-lines';
import { Progress } from './progress';
import type { UpdateOptions } from './update';

export interface UpdateContext {
  /** @default - OpenSSH */
  readonly ssh?: SshClient;
  /** Waits between two looks at something. @default - that of the process */
  readonly pause?: (milliseconds: number) => Promise<void>;
  /** Milliseconds since 1970. @default - that of the process */
  readonly time?: () => number;
}

/** Package managers that read their repositories at the same time. */
const askedAtOnce = 16;

/** Milliseconds that a host has for the probes of status. */
const probeMs = 30_000;

/** Until all is well again after a host: a standby catches up, load balancers see their server again. */
const recoveryMs = 10 * 60_000;
const pauseMs = 3000;

/** A host, and what is pending on it. */
type Todo = ReadonlyMap<Host, Pending>;

/** The course of an update. */
export class UpdateRun {
  /** Aborted by a second Ctrl-C. */
  private readonly atOnce = new AbortController();
  private readonly ssh: SshClient;
  private readonly machines: Machines;
  private readonly pause: (milliseconds: number) => Promise<void>;
  private readonly rebooted: Host[] = [];
  private readonly time: () => number;

  constructor(
    private readonly deployment: Deployment,
    private readonly options: UpdateOptions,
    context: UpdateContext & Pick<DeployContext, 'now'>,
    private readonly only: ReadonlySet<string> | undefined,
  ) {
    const { signal } = this.atOnce;
    const { folder, topology } = deployment;
    this.ssh = context.ssh ?? new SshClient({ folder, signal, detached: true });
    this.pause = context.pause ?? ((milliseconds) => setTimeout(milliseconds, undefined, { signal }));
    this.time = context.time ?? Date.now;
    this.machines = new Machines(topology, {
      ...{ ssh: this.ssh, packages: !options.rebootOnly, now: context.now, signal, pause: this.pause },
    });
  }

  /** Returns the exit code. @throws UserError */
  async run(): Promise<number> {
    const work = this.update();
    try {
      return await this.deployment.interruption.during({
        ended: work,
        // The hosts in hand are finished.
        interrupt: () => {},
        kill: () => this.atOnce.abort(),
      });
    } catch (error) {
      if (!this.atOnce.signal.aborted) throw error;
      throw new DeployError(
        [
          'stopped at once: what a host was doing it may still do, and its node may be cordoned until the next update',
        ],
        exitCodes.interrupted,
      );
    } finally {
      await this.ssh.close();
    }
  }

  private async update(): Promise<number> {
    const { topology, view, terminal, begin } = this.deployment;
    const { check } = this.options;
    view.stage(`asking ${count(topology.hosts.length, 'host')} how they are`);
    const found = await this.health(topology.hosts);
    const selected = topology.hosts.filter(({ name }) => this.only?.has(name) ?? true);
    const deferred = selected.filter(({ name }) => found.off.has(name));
    const todo = await this.pending(selected.filter((host) => !deferred.includes(host)));
    view.end('done');
    terminal.report({
      pending: [...todo].map(([{ name: host }, { packages, reboot, cordon }]) => ({
        ...{ host, packages, cordoned: cordon },
        ...(reboot !== undefined && { reboot }),
      })),
      deferred: deferred.map(({ name }) => name),
    });
    for (const line of pendingLines(todo, selected.length - deferred.length)) terminal.print(line);
    if (check) {
      this.tellDeferred(deferred);
      return todo.size > 0 ? exitCodes.changes : deferred.length > 0 ? exitCodes.notUp : 0;
    }
    this.throwIfInterrupted();
    if (todo.size > 0) {
      this.refuseIfUnwell(found);
      await this.confirm(todo);
      begin();
      await this.inOrder(todo, found);
    }
    this.tellDeferred(deferred);
    return deferred.length > 0 ? exitCodes.notUp : 0;
  }

  private async pending(hosts: readonly Host[]): Promise<Todo> {
    const { view } = this.deployment;
    view.stage(`asking ${count(hosts.length, 'host')} what is pending`);
    const failures: string[] = [];
    const found = await concurrently(hosts, askedAtOnce, async (host) => {
      try {
        return [host, await this.machines.pending(host)] as const;
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        failures.push(`error: ${error.message}`);
        return undefined;
      }
    });
    if (failures.length > 0) throw new DeployError([...failures, 'stopped: nothing was changed on any host']);
    return new Map(
      found
        .filter((each) => each !== undefined)
        .filter(
          ([, { packages, reboot, cordon }]) =>
            packages.length > 0 || reboot !== undefined || cordon === 'ours',
        ),
    );
  }

  /** A cluster that lacks something already does not have to lack more. */
  private refuseIfUnwell({ off, problems }: Finding): void {
    const missing = this.deployment.topology.quorum.filter(({ name }) => off.has(name));
    const sentences = [
      ...problemSentences(problems).map(({ text }) => `error: ${text}`),
      ...missing.map(
        ({ name }) =>
          `error: ${name} is off, and the database needs the other two hosts that decide about it: start it`,
      ),
    ];
    if (sentences.length > 0)
      throw new DeployError([
        ...sentences,
        'stopped: no host may go down before that is fixed; nothing was changed',
      ]);
  }

  private async confirm(todo: Todo): Promise<void> {
    const { topology, terminal, confirm } = this.deployment;
    for (const line of outageLines(topology, [...todo.keys()])) terminal.print(line);
    if (this.options.yes) return;
    if (!confirm)
      throw new DeployError([
        'error: this needs confirmation, and there is no terminal to ask on: run it again with --yes',
      ]);
    const what = this.options.rebootOnly ? 'reboot' : 'update';
    if (!(await confirm(`${what} ${count(todo.size, 'host')}, one after the other?`)))
      throw new DeployError(['stopped: nothing was changed on any host']);
  }

  private async inOrder(todo: Todo, { off, primary }: Finding): Promise<void> {
    const { topology, view, terminal, interruption, clock } = this.deployment;
    const startedAt = clock();
    const byLayer = layers(topology, [...todo.keys()]);
    const stages = Object.entries(byLayer).map(
      ([name, hosts]): Stage => ({
        name,
        hosts: primaryLast(hosts, primary),
        atOnce: name === 'agents' ? topology.k3s.maxUnavailable : 1,
      }),
    );
    const progress = new Progress(view);
    const outcome = await inOrder(stages, {
      work: (host) => progress.of(host, (say) => this.one(host, todo.get(host), off, say)),
      onStage: ({ name, hosts }) => view.stage(`${name}: ${nameList(hosts.map((host) => host.name))}`),
      stopped: () => interruption.requested,
    });
    terminal.report({
      updated: outcome.done.map(({ name }) => name),
      rebooted: this.rebooted.map(({ name }) => name),
    });
    this.throwIfNotAll(outcome);
    view.end('done');
    terminal.print(
      `${count(outcome.done.length, 'host')} updated in ${duration(clock() - startedAt)}, ${this.rebooted.length} rebooted`,
    );
  }

  /** One host, from the drain to the proof that the next one may go down. */
  private async one(
    host: Host,
    pending: Pending | undefined,
    off: ReadonlySet<string>,
    say: (doing: string) => void,
  ): Promise<void> {
    if (!pending) return;
    const { topology, clock, view, log } = this.deployment;
    const startedAt = clock();
    const { packages } = pending;
    let { reboot } = pending;
    if (packages.length > 0 || reboot !== undefined) {
      await this.handOver(host, say);
      say('its pods to move');
      await this.machines.drain(host);
    }
    if (packages.length > 0) {
      say(`${count(packages.length, 'package')}`);
      await this.machines.install(host);
      ({ reboot } = await this.machines.pending(host));
    }
    if (reboot !== undefined) {
      say('its reboot');
      await this.machines.reboot(host, pending);
      this.rebooted.push(host);
      const after = await this.machines.pending(host);
      if (after.reboot !== undefined)
        throw new UserError(
          `${host.name} was rebooted and still has to be (${after.reboot}): choose that kernel in its boot loader, or remove its package`,
        );
    }
    if (host.kind !== 'none') say('its node');
    await this.machines.settle(host);
    say('the cluster to be well');
    await this.recovery(witnesses(topology, host), off);
    const what = [
      ...(packages.length > 0 ? [count(packages.length, 'package')] : []),
      ...(reboot === undefined ? [] : [`rebooted (${reboot})`]),
      ...(pending.cordon === 'ours' ? ['takes pods again'] : []),
    ];
    const line = `${host.name}: ${what.join(', ')}, ${duration(clock() - startedAt)}`;
    view.note(line);
    log.add(line);
  }

  /** The primary of several database hosts becomes a standby first. */
  private async handOver(host: Host, say: (doing: string) => void): Promise<void> {
    const { database } = this.deployment.topology;
    if (!database.cluster || !host.roles.includes('database')) return;
    const { primary } = await this.health([host]);
    if (primary !== host.name) return;
    say('another primary');
    await new DatabaseHost(host, this.ssh).switchOver();
  }

  /** Waits until another host may go down. @throws UserError with what is wrong */
  private async recovery(hosts: readonly Host[], known: ReadonlySet<string>): Promise<void> {
    const { clock } = this.deployment;
    const deadline = clock() + recoveryMs;
    for (;;) {
      const { off, problems } = await this.health(hosts, known);
      const lost = [...off].filter((name) => !known.has(name));
      if (problems.length === 0 && lost.length === 0) return;
      if (clock() > deadline)
        throw new UserError(
          [
            'the cluster is not well after that:',
            ...problemSentences(problems).map(({ text }) => text),
            ...lost.map((name) => `${name} does not answer any more`),
          ].join('\n  '),
        );
      await this.pause(pauseMs);
    }
  }

  private health(hosts: readonly Host[], known?: ReadonlySet<string>): Promise<Finding> {
    const options = { ssh: this.ssh, timeoutMs: probeMs, now: this.time, signal: this.atOnce.signal };
    return health(this.deployment.topology, hosts, options, known);
  }

  private throwIfNotAll({ done, failed, left }: Outcome): void {
    const names = (hosts: readonly Host[]) => nameList(hosts.map(({ name }) => name));
    const others = left.length > 0 ? `; ${names(left)} ${left.length === 1 ? 'was' : 'were'} left alone` : '';
    const after = done.length > 0 ? ` after ${names(done)}` : '';
    if (failed.length > 0)
      throw new DeployError([...failed.map(({ reason }) => `error: ${reason}`), `stopped${after}${others}`]);
    if (left.length > 0) throw new DeployError([`stopped${after}${others}`], exitCodes.interrupted);
  }

  private throwIfInterrupted(): void {
    if (this.deployment.interruption.requested)
      throw new DeployError(['stopped: nothing was changed on any host'], exitCodes.interrupted);
  }

  private tellDeferred(hosts: readonly Host[]): void {
    if (hosts.length === 0) return;
    this.deployment.terminal.error(
      `left out, because off: ${nameList(hosts.map(({ name }) => name))}. Run it again when ${hosts.length === 1 ? 'it is' : 'they are'} on`,
    );
  }
}
