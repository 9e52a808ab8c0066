import { setTimeout } from 'node:timers/promises';
import { nameList } from '../model/host-groups';
import type { Host } from '../model/topology';
import { SshClient } from '../ssh/client';
import { count, duration } from '../status/figures';
import { health } from '../upkeep/health';
import { inOrder, type Stage } from '../upkeep/in-order';
import { layerNames, layers, primaryLast } from '../upkeep/layers';
import { Machines } from '../upkeep/machines';
import { DeployError } from './deploy/deploy-error';
import type { DeployContext } from './deploy/deploy-options';
import type { Deployment } from './deploy/deployment';
import { runLocked } from './deploy/run-locked';
import { exitCodes } from './exit-codes';
import type { Terminal } from './terminal';
import { topologyOf } from './topology';
import { Progress } from './update/progress';
import type { UpdateContext } from './update/update-run';

export interface ShutdownOptions {
  /** cluster.yaml. */
  readonly file: string;
  /** Answers whether the cluster may be switched off. */
  readonly yes: boolean;
}

/** Connections at a time. */
const atOnce = 32;

/** Milliseconds that a host has for the probes of status: the battery may be empty soon. */
const probeMs = 15_000;

/**
 * `k3s-cdk shutdown`: switches all hosts off, those that others need last. A host that does not go down holds up nobody:
 * what others may lose to the power cut is more. Returns the exit code.
 */
export function shutdownCommand(
  options: ShutdownOptions,
  context: DeployContext & UpdateContext,
  terminal: Terminal,
): Promise<number> {
  return runLocked('shutdown', options.file, context, terminal, {
    topology: async (config) => topologyOf(config, options.file, terminal),
    run: (deployment) => shutDown(options, context, deployment),
  });
}

async function shutDown(
  { yes }: ShutdownOptions,
  context: DeployContext & UpdateContext,
  deployment: Deployment,
): Promise<number> {
  const { topology, folder, view, terminal, interruption, clock, log, begin } = deployment;
  await confirm(yes, deployment);
  const startedAt = clock();
  const ending = new AbortController();
  const { signal } = ending;
  const ssh = context.ssh ?? new SshClient({ folder, signal, detached: true });
  const pause = context.pause ?? ((milliseconds: number) => setTimeout(milliseconds, undefined, { signal }));
  const machines = new Machines(topology, { ssh, now: context.now, pause });
  const run = async (): Promise<number> => {
    view.stage(`asking ${count(topology.hosts.length, 'host')} how they are`);
    const asked = { ssh, timeoutMs: probeMs, now: context.time ?? Date.now, signal };
    const { off, primary } = await health(topology, topology.hosts, asked);
    const on = topology.hosts.filter(({ name }) => !off.has(name));
    begin();
    const progress = new Progress(view);
    const outcome = await inOrder(stagesOf(deployment, on, primary), {
      work: (host) =>
        progress.of(host, async (say) => {
          say('it to go off');
          await machines.powerOff(host);
          view.event(`${host.name} is off`);
          log.add(`${host.name} is off`);
        }),
      onStage: ({ name, hosts }) => view.stage(`${name}: ${nameList(hosts.map((host) => host.name))}`),
      stopped: () => interruption.requested,
      goOn: true,
    });
    const names = (hosts: readonly Host[]) => nameList(hosts.map(({ name }) => name));
    terminal.report({ off: [...off, ...outcome.done.map(({ name }) => name)] });
    const { failed, left } = outcome;
    const stay = failed.length > 0 ? failed.map(({ reason }) => `error: ${reason}`) : [];
    if (left.length > 0)
      throw new DeployError([...stay, `stopped: ${names(left)} stay on`], exitCodes.interrupted);
    if (stay.length > 0) throw new DeployError(stay);
    view.end('done');
    terminal.print(
      `${topology.name} is off after ${duration(clock() - startedAt)}: ${count(outcome.done.length, 'host')}${off.size > 0 ? `; ${nameList([...off])} did not answer before` : ''}. It starts by itself when the hosts have power`,
    );
    return 0;
  };
  try {
    return await interruption.during({ ended: run(), interrupt: () => {}, kill: () => ending.abort() });
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new DeployError(
      ['stopped at once: hosts that were told to go down still do'],
      exitCodes.interrupted,
    );
  } finally {
    await ssh.close();
  }
}

/** The other way round than they start: what needs others goes first. */
function stagesOf({ topology }: Deployment, hosts: readonly Host[], primary: string | undefined): Stage[] {
  const byLayer = layers(topology, hosts);
  return [...layerNames].reverse().map((name) => ({
    name,
    hosts: primaryLast(byLayer[name], primary),
    atOnce: name === 'database hosts' ? 1 : atOnce,
  }));
}

async function confirm(yes: boolean, { topology, confirm: ask, terminal }: Deployment): Promise<void> {
  terminal.print(
    `All ${count(topology.hosts.length, 'host')} of ${topology.name} are switched off: agents, servers, storage, the database last.`,
  );
  if (yes) return;
  if (!ask)
    throw new DeployError([
      'error: this needs confirmation, and there is no terminal to ask on: run it again with --yes',
    ]);
  if (!(await ask(`switch ${topology.name} off?`))) throw new DeployError(['stopped: every host stays on']);
}
