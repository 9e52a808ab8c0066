import { resolve as absolute, dirname } from 'node:path';
import { hostGroups, nameList } from '../model/host-groups';
import { blankDiskText, reportedDisk } from '../preflight/blank-disk';
import type { Check } from '../preflight/check';
import { preflight } from '../preflight/preflight';
import { type Style, styled } from '../programs/style';
import { SshClient } from '../ssh/client';
import { count } from '../status/figures';
import { problemSentences } from '../status/problem-sentences';
import { deferralOption, deferredHosts } from './deploy/deferral';
import { exitCodes } from './exit-codes';
import { fileOption } from './file-option';
import { loadOrReport } from './load';
import { roomForHosts } from './room-for-hosts';
import { selectedHosts } from './selected-hosts';
import type { Terminal } from './terminal';
import { topologyOf } from './topology';
import { waitingForHosts } from './waiting-for-hosts';

export interface DoctorOptions {
  /** cluster.yaml. */
  readonly file: string;
  /** Seconds that a host has to answer. */
  readonly timeoutSeconds: number;
  /** Names, groups and ranges of the hosts of interest. @default - all */
  readonly hosts?: string | undefined;
}

export interface DoctorContext {
  /** The present, in milliseconds since 1970. */
  readonly clock: () => number;
  /** Environment in which Terraform is looked for. */
  readonly environment: NodeJS.ProcessEnv;
  /** Ends it early. @default none */
  readonly signal?: AbortSignal | undefined;
}

const marks: Readonly<Record<Check['state'], readonly [string, Style]>> = {
  ok: ['✔', 'green'],
  warning: ['!', 'yellow'],
  error: ['✖', 'red'],
};

/** Of a line, for hosts that share it. */
const namesWidth = 40;

/**
 * `k3s-cdk doctor`: what is ready for a deploy, each check as it ends, and what would make one fail. Returns the exit
 * code: 1 when there is an error.
 */
export async function doctorCommand(
  { file, timeoutSeconds, hosts: list }: DoctorOptions,
  { clock, environment, signal }: DoctorContext,
  terminal: Terminal,
): Promise<number> {
  const config = loadOrReport(file, terminal);
  if (!config) return exitCodes.failed;
  const selected = selectedHosts(list, config, terminal);
  if (!selected) return exitCodes.failed;
  const { only } = selected;
  const topology = topologyOf(config, file, terminal);
  const hosts = topology.hosts.filter(({ name }) => !only || only.has(name));
  const names = new Set(hosts.map(({ name }) => name));
  const folder = dirname(absolute(file));
  const ssh = new SshClient({ folder, signal });
  const room = roomForHosts(terminal.height);
  const each = hosts.length <= room;
  const width = Math.max('SSH agent'.length, ...(each ? hosts.map(({ name }) => name.length) : []));
  const ofHosts: Check[] = [];
  try {
    const found = await terminal.during('checking', (waitingFor) => {
      const ended = waitingForHosts(hosts, waitingFor);
      return preflight(topology, {
        ...{ hosts, folder, ssh, timeoutMs: timeoutSeconds * 1000, now: clock, environment },
        signal,
        onCheck: (check) => {
          ended(check.what);
          if (each || !names.has(check.what)) terminal.print(checkLine(check, width, terminal));
          else ofHosts.push(check);
        },
      });
    });
    for (const line of hostLines(ofHosts, room, terminal)) terminal.print(line);
    const { problems, blankDisks } = found;
    const off = deferredHosts(hosts, problems);
    const option = fileOption(file, terminal);
    terminal.report({
      checks: found.checks.map(({ what, state, found }) => ({ check: what, state, found })),
      problems,
      blankDisks: blankDisks.map(reportedDisk),
      deferred: off,
    });
    const sentences = problemSentences(problems);
    if (sentences.length + blankDisks.length > 0) terminal.print('');
    for (const { severity, text } of sentences)
      terminal.print(`${styled(marks[severity][1], `${severity}:`, terminal)} ${text}`);
    for (const disk of blankDisks) terminal.print(blankDiskText(disk));
    if (off.length > 0) {
      terminal.print(`deploy leaves out ${nameList(off)}; Terraform alone does with:`);
      terminal.print(`  ${deferralOption(off, option)}`);
    }
    terminal.print('');
    const errors = sentences.filter(({ severity }) => severity === 'error').length;
    const next = only ? 'all hosts: k3s-cdk doctor' : 'next: k3s-cdk deploy';
    terminal.print(
      errors === 0
        ? `${next}${option}`
        : `fix ${errors === 1 ? 'the error' : `the ${errors} errors`} above, then run 'k3s-cdk doctor${option}' again`,
    );
    return errors > 0 ? exitCodes.failed : 0;
  } finally {
    await ssh.close();
  }
}

/** Checks of more hosts than there is room for: those that are alike in a line, problems first. */
function hostLines(checks: readonly Check[], room: number, terminal: Terminal): string[] {
  const urgency = ['error', 'warning', 'ok'];
  const alike = hostGroups(checks, room, (check) => `${check.state} ${toldOf(check)}`);
  const rows = alike
    .flatMap((group) => {
      const [first] = group;
      const what = nameList(
        group.map((check) => check.what),
        { width: namesWidth },
      );
      return first ? [{ ...first, what }] : [];
    })
    .sort((a, b) => urgency.indexOf(a.state) - urgency.indexOf(b.state));
  const width = Math.max(...rows.map(({ what }) => what.length));
  return rows.map((row) => checkLine(row, width, terminal));
}

function toldOf({ found, problems }: Check): string {
  const wrong = (['error', 'warning'] as const).flatMap((severity) => {
    const number = problems.filter((problem) => problem.severity === severity).length;
    return number > 0 ? [count(number, severity)] : [];
  });
  return [...(found === '' ? [] : [found]), ...wrong].join(', ');
}

function checkLine(check: Check, width: number, terminal: Terminal): string {
  const { what, state } = check;
  const [mark, style] = marks[state];
  return `${styled(style, mark, terminal)} ${what.padEnd(width)}  ${toldOf(check)}`.trimEnd();
}
