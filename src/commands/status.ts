import { resolve as absolute, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { shellWord } from '../model/shell-quote';
import type { Host, Topology } from '../model/topology';
import { type Style, styled } from '../programs/style';
import { inspectSecrets } from '../secrets/inspect';
import { SshClient } from '../ssh/client';
import { askHosts } from '../status/ask-hosts';
import { count } from '../status/figures';
import { type StatusReport, statusReport } from '../status/status-report';
import { statusText } from '../status/status-text';
import { UserError } from '../user-error';
import { exitCodes } from './exit-codes';
import { loadOrReport } from './load';
import type { Screen } from './screen';
import { fitting, table } from './table';
import type { Terminal } from './terminal';
import { terraformCommand } from './terraform-command';
import { topologyOf } from './topology';
import { waitingForHosts } from './waiting-for-hosts';

export interface StatusOptions {
  /** cluster.yaml. */
  readonly file: string;
  /** Ask again and again, over the same connections. */
  readonly watch: boolean;
  /** Seconds that a host has to answer. */
  readonly timeoutSeconds: number;
}

export interface StatusContext {
  /** The present, in milliseconds since 1970. */
  readonly clock: () => number;
  /** Ends it early. */
  readonly signal: AbortSignal;
  /** Environment in which Terraform is looked for. */
  readonly environment: NodeJS.ProcessEnv;
  /** Undefined when no person looks: what is found is only reported. */
  readonly screen: Screen | undefined;
}

/** Seconds between two updates of a watch. */
const intervalSeconds = 2;

/** `k3s-cdk status`: shows the state of all hosts. Returns the exit code: 0 when there is no problem, else 1. */
export async function statusCommand(
  options: StatusOptions,
  context: StatusContext,
  terminal: Terminal,
): Promise<number> {
  const config = loadOrReport(options.file, terminal);
  if (!config) return 1;
  const topology = topologyOf(config, options.file, terminal);
  const folder = dirname(absolute(options.file));
  const ssh = new SshClient({ folder, reuse: options.watch });
  const described = describedSteps(topology);
  let first = true;
  try {
    for (;;) {
      const looking = { folder, ssh, described };
      const report = await (first
        ? terminal.during(`asking ${count(topology.hosts.length, 'host')}`, (waitingFor) =>
            look(topology, { ...looking, waitingFor }, options, context),
          )
        : look(topology, looking, options, context));
      first = false;
      terminal.report({ ...report }, options.watch);
      const { screen } = context;
      screen?.draw(render(topology, report, repairCommand(report, folder, context, terminal), screen));
      if (!options.watch) return report.healthy ? 0 : 1;
      await setTimeout(intervalSeconds * 1000, undefined, { signal: context.signal });
    }
  } catch (error) {
    // Nothing else ends a watch.
    if (context.signal.aborted) return exitCodes.interrupted;
    throw error;
  } finally {
    await ssh.close();
  }
}

interface Looking {
  readonly folder: string;
  readonly ssh: SshClient;
  readonly described: () => Promise<ReadonlySet<string> | undefined>;
  /** Gets the hosts that have not answered yet. */
  readonly waitingFor?: (hosts: string) => void;
}

async function look(
  topology: Topology,
  { folder, ssh, described, waitingFor }: Looking,
  { timeoutSeconds }: StatusOptions,
  { clock, signal }: StatusContext,
): Promise<StatusReport> {
  const now = new Date(clock());
  const timeoutMs = timeoutSeconds * 1000;
  const answered = waitingFor && waitingForHosts(topology.hosts, waitingFor);
  const options = {
    ssh,
    timeoutMs,
    now: clock,
    signal,
    ...(answered && { onAnswer: ({ name }: Host) => answered(name) }),
  };
  const hosts = await askHosts(topology, options);
  const report = statusReport(topology, hosts, inspectSecrets(topology, { folder, now }), now);
  if (report.repair.length === 0) return report;
  // Without steps that a host remembers but cluster.yaml no longer describes: Terraform cannot run those
  // again.
  const addresses = await described();
  return { ...report, repair: report.repair.filter((address) => addresses?.has(address) ?? true) };
}

/**
 * Addresses of the steps that cluster.yaml describes, computed once and only when needed: it takes a while,
 * and usually there is nothing to repair. Undefined if they cannot be described, which synth reports.
 */
function describedSteps(topology: Topology): Looking['described'] {
  let found: Promise<ReadonlySet<string> | undefined> | undefined;
  const find = async () => {
    const { synth } = await import('../synth');
    try {
      return new Set(synth(topology).steps.map(({ address }) => address));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return undefined;
    }
  };
  return () => {
    found ??= find();
    return found;
  };
}

const stateStyles: Readonly<Record<string, Style>> = {
  error: 'red',
  unreachable: 'red',
  'not asked': 'red',
  warning: 'yellow',
  ok: 'green',
};

/** A clock that is off and another version are problems, which have a sentence each. */
const dispensable = ['CLOCK', 'K3S', 'UP', 'TEMP', 'MEMORY'];

function render(topology: Topology, report: StatusReport, repair: string, screen: Screen): string[] {
  const text = statusText(topology, report);
  const lines = table(fitting(text.hosts, dispensable, screen.width)).map((line) =>
    line.replace(/(?<= )(error|unreachable|not asked|warning|ok)(?= |$)/, (state) =>
      styled(stateStyles[state] ?? 'bold', state, screen),
    ),
  );
  const problems = text.problems.map(
    ({ severity, text: sentence }) =>
      `${severity === 'error' ? styled('red', 'error:', screen) : styled('yellow', 'warning:', screen)} ${sentence}`,
  );
  return [
    styled('bold', text.title, screen),
    '',
    ...lines,
    '',
    ...table(text.services),
    ...(problems.length > 0 ? ['', ...problems] : []),
    ...(report.repair.length > 0 ? ['', 'to repair what differs from the last apply:', `  ${repair}`] : []),
  ];
}

/** The command that repeats only the steps whose results differ from how they left them. */
function repairCommand(
  { repair }: StatusReport,
  folder: string,
  { environment }: StatusContext,
  terminal: Terminal,
): string {
  const terraform = terraformCommand(join(folder, 'cdktf.out'), environment, terminal);
  return `${terraform} apply ${repair.map((address) => `-replace=${shellWord(address)}`).join(' ')}`;
}
