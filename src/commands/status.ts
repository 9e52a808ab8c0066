import { resolve as absolute, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { shellWord } from '../model/shell-quote';
import type { Host, Topology } from '../model/topology';
import { type Style, styled } from '../programs/style';
import { inspectSecrets } from '../secrets/inspect';
import { SshClient } from '../ssh/client';
import { askHosts } from '../status/ask-hosts';
import { count } from '../status/figures';
import { reportOf, type StatusReport, statusReport } from '../status/status-report';
import { type StatusText, statusText } from '../status/status-text';
import { UserError } from '../user-error';
import { exitCodes } from './exit-codes';
import { fileOption } from './file-option';
import { loadOrReport } from './load';
import { roomForHosts } from './room-for-hosts';
import type { Screen } from './screen';
import { selectedHosts } from './selected-hosts';
import { fitting, table } from './table';
import type { Terminal } from './terminal';
import { terraformCommand } from './terraform-command';
import { topologyOf } from './topology';
import { waitingForHosts } from './waiting-for-hosts';
import { wrapped } from './wrap';

export interface StatusOptions {
  /** cluster.yaml. */
  readonly file: string;
  /** Ask again and again, over the same connections. */
  readonly watch: boolean;
  /** Seconds that a host has to answer. */
  readonly timeoutSeconds: number;
  /** Names, groups and ranges of the hosts of interest. @default - all */
  readonly hosts?: string | undefined;
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

/** Connections that a watch keeps: each is a process, with files of its own. More hosts are connected to each time. */
const maxKept = 32;

/** Steps that are named in a command for people; more are for a program to name. */
const maxNamedSteps = 20;

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
  const selected = selectedHosts(options.hosts, config, terminal);
  if (!selected) return exitCodes.failed;
  const { only } = selected;
  const topology = topologyOf(config, options.file, terminal);
  // What is known of a node, servers know.
  const asked = topology.hosts.filter((host) => !only || only.has(host.name) || host.kind === 'server');
  const folder = dirname(absolute(options.file));
  const ssh = new SshClient({ folder, reuse: options.watch && asked.length <= maxKept });
  const described = describedSteps(topology);
  let first = true;
  try {
    for (;;) {
      const looking = { asked, folder, ssh, described };
      const report = await (first
        ? terminal.during(`asking ${count(asked.length, 'host')}`, (waitingFor) =>
            look(topology, { ...looking, waitingFor }, options, context),
          )
        : look(topology, looking, options, context));
      first = false;
      const shown = only ? reportOf(report, only) : report;
      terminal.report({ ...shown }, options.watch);
      const { screen } = context;
      if (screen) {
        const text = statusText(topology, report, { room: roomForHosts(screen.height), only });
        const lines = render(text, repairLines(shown, folder, options, context, terminal), screen);
        screen.draw(options.watch ? visible(lines, screen) : lines);
      }
      if (!options.watch) return shown.healthy ? 0 : 1;
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
  readonly asked: readonly Host[];
  readonly folder: string;
  readonly ssh: SshClient;
  readonly described: () => Promise<ReadonlySet<string> | undefined>;
  /** Gets the hosts that have not answered yet. */
  readonly waitingFor?: (hosts: string) => void;
}

async function look(
  topology: Topology,
  { asked, folder, ssh, described, waitingFor }: Looking,
  { timeoutSeconds }: StatusOptions,
  { clock, signal }: StatusContext,
): Promise<StatusReport> {
  const now = new Date(clock());
  const timeoutMs = timeoutSeconds * 1000;
  const answered = waitingFor && waitingForHosts(asked, waitingFor);
  const options = {
    ssh,
    timeoutMs,
    now: clock,
    signal,
    ...(answered && { onAnswer: ({ name }: Host) => answered(name) }),
  };
  const hosts = await askHosts(topology, { ...options, hosts: asked });
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

function render(text: StatusText, repair: readonly string[], screen: Screen): string[] {
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
    ...(text.services.length > 0 ? ['', ...table(text.services)] : []),
    ...(problems.length > 0 ? ['', ...problems] : []),
    ...repair,
  ];
}

/** What is seen of a drawing that would push its beginning off the screen. */
function visible(
  lines: readonly string[],
  { width = 80, height = Number.POSITIVE_INFINITY }: Screen,
): string[] {
  const drawn: string[] = [];
  // A line for what is left out, and one for the cursor.
  let room = height - 2;
  for (const line of lines) {
    room -= wrapped(line, width).split('\n').length;
    if (room < 0)
      return [
        ...drawn,
        `… and ${count(lines.length - drawn.length, 'more line')}, which 'k3s-cdk status' shows`,
      ];
    drawn.push(line);
  }
  return drawn;
}

/** The command that repeats only the steps whose results differ from how they left them. */
function repairLines(
  { repair }: StatusReport,
  folder: string,
  { file, hosts }: StatusOptions,
  { environment }: StatusContext,
  terminal: Terminal,
): string[] {
  if (repair.length === 0) return [];
  const terraform = terraformCommand(join(folder, 'cdktf.out'), environment, terminal);
  const some = hosts === undefined ? '' : ` --hosts ${shellWord(hosts)}`;
  const steps =
    repair.length > maxNamedSteps
      ? `$(k3s-cdk status${fileOption(file, terminal)}${some} --json | jq -r '.repair[] | "-replace=" + .')`
      : repair.map((address) => `-replace=${shellWord(address)}`).join(' ');
  const what = repair.length > maxNamedSteps ? `, ${repair.length} steps` : '';
  return ['', `to repair what differs from the last apply${what}:`, `  ${terraform} apply ${steps}`];
}
