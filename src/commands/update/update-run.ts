import { setTimeout } from 'node:timers/promises';
import { nameList } from '../../model/host-groups';
import type { Host } from '../../model/topology';
import { SshClient } from '../../ssh/client';
import { concurrently } from '../../ssh/concurrently';
import { count, duration } from '../../status/figures';
import { problemSentences } from '../../status/problem-sentences';
import { besideDatabase, decides, type Finding, health } from '../../upkeep/health';
import { HostUpdate } from '../../upkeep/host-update';
import { inOrder, type Outcome, type Stage } from '../../upkeep/in-order';
import { layers, primaryLast } from '../../upkeep/layers';
import { Machines, type Pending } from '../../upkeep/machines';
import { UserError } from '../../user-error';
import { DeployError } from '../deploy/deploy-error';
import type { DeployContext } from '../deploy/deploy-options';
import type { Deployment } from '../deploy/deployment';
import { exitCodes } from '../exit-codes';
import { roomForHosts } from '../room-for-hosts';
import type { Only } from '../selected-hosts';
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

const untouched = 'stopped: nothing was changed on any host';

/** Hosts that have something to do, with what it is. */
type Todo = ReadonlyMap<Host, Pending>;

/** The course of an update. */
export class UpdateRun {
  /** Aborted by a second Ctrl-C. */
  private readonly atOnce = new AbortController();
  private readonly ssh: SshClient;
  private readonly machines: Machines;
  private readonly pause: (milliseconds: number) => Promise<void>;

  constructor(
    private readonly deployment: Deployment,
    private readonly options: UpdateOptions,
    private readonly context: UpdateContext & Pick<DeployContext, 'now'>,
    private readonly only: Only,
  ) {
    const { signal } = this.atOnce;
    const { folder, topology } = deployment;
    this.ssh = context.ssh ?? new SshClient({ folder, signal, detached: true });
    this.pause = context.pause ?? ((milliseconds) => setTimeout(milliseconds, undefined, { signal }));
    this.machines = new Machines(topology, { ssh: this.ssh, now: context.now, pause: this.pause });
  }

  /** Returns the exit code. @throws UserError */
  async run(): Promise<number> {
    try {
      // At the first Ctrl-C, the hosts in hand are finished.
      const kill = () => this.atOnce.abort();
      return await this.deployment.interruption.during({ ended: this.update(), interrupt: () => {}, kill });
    } catch (error) {
      if (!this.atOnce.signal.aborted) throw error;
      throw new DeployError(
        [
          'stopped at once: what a host was doing it may still do, and its node stays cordoned until the next update',
        ],
        exitCodes.interrupted,
      );
    } finally {
      await this.ssh.close();
    }
  }

  private async update(): Promise<number> {
    const { topology, view, terminal, interruption, begin } = this.deployment;
    view.stage(`asking ${count(topology.hosts.length, 'host')} how they are`);
    const found = await this.health(topology.hosts);
    const selected = topology.hosts.filter(({ name }) => this.only?.has(name) ?? true);
    const deferred = selected.filter(({ name }) => found.off.has(name)).map(({ name }) => name);
    const todo = await this.pending(selected.filter(({ name }) => !found.off.has(name)));
    view.end('done');
    terminal.report({
      pending: [...todo].map(([{ name: host }, { packages, reboot, cordon }]) => ({
        ...{ host, packages, cordoned: cordon },
        ...(reboot !== undefined && { reboot }),
      })),
      deferred,
    });
    const room = roomForHosts(terminal.height);
    for (const line of pendingLines(todo, selected.length - deferred.length, room)) terminal.print(line);
    if (interruption.requested) throw new DeployError([untouched], exitCodes.interrupted);
    if (todo.size > 0 && !this.options.check) {
      const database = [...todo.keys()].some((host) => decides(host, topology));
      this.refuseIfUnwell(found, database);
      await this.confirm(todo, found.off);
      begin();
      await this.inOrder(todo, found, database);
    }
    if (deferred.length > 0)
      terminal.error(
        `left out, because off: ${nameList(deferred)}. Run it again when ${deferred.length === 1 ? 'it is' : 'they are'} on`,
      );
    if (this.options.check && todo.size > 0) return exitCodes.changes;
    return deferred.length > 0 ? exitCodes.notUp : 0;
  }

  private async pending(hosts: readonly Host[]): Promise<Todo> {
    const { view } = this.deployment;
    view.stage(`asking ${count(hosts.length, 'host')} what is pending`);
    const failures: string[] = [];
    const todo = new Map<Host, Pending>();
    const found = await concurrently(hosts, askedAtOnce, (host) =>
      this.machines.pending(host, !this.options.rebootOnly).catch((error) => {
        if (!(error instanceof UserError)) throw error;
        failures.push(`error: ${error.message}`);
        return undefined;
      }),
    );
    if (failures.length > 0) throw new DeployError([...failures, untouched]);
    for (const [index, host] of hosts.entries()) {
      const pending = found[index];
      if (
        pending &&
        (pending.packages.length > 0 || pending.reboot !== undefined || pending.cordon === 'ours')
      )
        todo.set(host, pending);
    }
    return todo;
  }

  /** A cluster that lacks something already does not have to lack more. */
  private refuseIfUnwell({ off, problems }: Finding, database: boolean): void {
    const { quorum } = this.deployment.topology;
    const missing = database ? quorum.filter(({ name }) => off.has(name)) : [];
    const sentences = [
      ...problemSentences(database ? problems : besideDatabase(problems)).map(({ text }) => text),
      ...missing.map(
        ({ name }) =>
          `${name} is off, and the database needs the other two hosts that decide about it: start it`,
      ),
    ];
    if (sentences.length > 0)
      throw new DeployError([
        ...sentences.map((text) => `error: ${text}`),
        'stopped: no host may go down before that is fixed; nothing was changed',
      ]);
  }

  private async confirm(todo: Todo, off: ReadonlySet<string>): Promise<void> {
    const { topology, terminal, confirm } = this.deployment;
    for (const line of outageLines(topology, [...todo.keys()], off)) terminal.print(line);
    if (this.options.yes) return;
    if (!confirm)
      throw new DeployError([
        'error: this needs confirmation, and there is no terminal to ask on: run it again with --yes',
      ]);
    const what = this.options.rebootOnly ? 'reboot' : 'update';
    if (!(await confirm(`${what} ${count(todo.size, 'host')}, one after the other?`)))
      throw new DeployError([untouched]);
  }

  private async inOrder(todo: Todo, { off, primary }: Finding, database: boolean): Promise<void> {
    const { topology, view, terminal, interruption, clock, log } = this.deployment;
    const startedAt = clock();
    const { machines, ssh, pause } = this;
    const health = this.health.bind(this);
    const update = new HostUpdate(topology, { machines, ssh, health, off, database, clock, pause });
    const stages = Object.entries(layers(topology, [...todo.keys()])).map(
      ([name, hosts]): Stage => ({
        name,
        hosts: primaryLast(hosts, primary),
        atOnce: name === 'agents' ? topology.k3s.maxUnavailable : 1,
      }),
    );
    const progress = new Progress(view);
    const outcome = await inOrder(stages, {
      work: async (host) => {
        const pending = todo.get(host);
        if (!pending) return;
        const line = await progress.of(host, (say) => update.run(host, pending, say));
        view.note(line);
        log.add(line);
      },
      onStage: ({ name, hosts }) => view.stage(`${name}: ${nameList(hosts.map((host) => host.name))}`),
      stopped: () => interruption.requested,
    });
    const names = (hosts: readonly Host[]) => hosts.map(({ name }) => name);
    terminal.report({ updated: names(outcome.done), rebooted: names(update.rebooted) });
    throwIfNotAll(outcome);
    view.end('done');
    terminal.print(
      `${count(outcome.done.length, 'host')} updated in ${duration(clock() - startedAt)}, ${update.rebooted.length} rebooted`,
    );
  }

  private health(hosts: readonly Host[], known: ReadonlySet<string> = new Set()): Promise<Finding> {
    const { time: now = Date.now } = this.context;
    const { signal } = this.atOnce;
    return health(this.deployment.topology, hosts, { ssh: this.ssh, timeoutMs: probeMs, now, signal, known });
  }
}

function throwIfNotAll({ done, failed, left }: Outcome): void {
  const names = (hosts: readonly Host[]) => nameList(hosts.map(({ name }) => name));
  const others = left.length > 0 ? `; ${names(left)} ${left.length === 1 ? 'was' : 'were'} left alone` : '';
  const stopped = `stopped${done.length > 0 ? ` after ${names(done)}` : ''}${others}`;
  if (failed.length > 0) throw new DeployError([...failed.map(({ reason }) => `error: ${reason}`), stopped]);
  if (left.length > 0) throw new DeployError([stopped], exitCodes.interrupted);
}
