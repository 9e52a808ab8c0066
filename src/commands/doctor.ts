import { resolve as absolute, dirname } from 'node:path';
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
import type { Terminal } from './terminal';
import { topologyOf } from './topology';
import { waitingForHosts } from './waiting-for-hosts';

export interface DoctorOptions {
  /** cluster.yaml. */
  readonly file: string;
  /** Seconds that a host has to answer. */
  readonly timeoutSeconds: number;
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

/**
 * `k3s-cdk doctor`: what is ready for a deploy, each check as it ends, and what would make one fail. Returns the exit
 * code: 1 when there is an error.
 */
export async function doctorCommand(
  { file, timeoutSeconds }: DoctorOptions,
  { clock, environment, signal }: DoctorContext,
  terminal: Terminal,
): Promise<number> {
  const config = loadOrReport(file, terminal);
  if (!config) return exitCodes.failed;
  const topology = topologyOf(config, file, terminal);
  const folder = dirname(absolute(file));
  const ssh = new SshClient({ folder, signal });
  const width = Math.max('SSH agent'.length, ...topology.hosts.map(({ name }) => name.length));
  try {
    const found = await terminal.during('checking', (waitingFor) => {
      const ended = waitingForHosts(topology.hosts, waitingFor);
      return preflight(topology, {
        ...{ folder, ssh, timeoutMs: timeoutSeconds * 1000, now: clock, environment },
        signal,
        onCheck: (check) => {
          ended(check.what);
          terminal.print(checkLine(check, width, terminal));
        },
      });
    });
    const { problems, blankDisks } = found;
    terminal.report({
      checks: found.checks.map(({ what, state, found }) => ({ check: what, state, found })),
      problems,
      blankDisks: blankDisks.map(reportedDisk),
    });
    const sentences = problemSentences(problems);
    if (sentences.length + blankDisks.length > 0) terminal.print('');
    for (const { severity, text } of sentences)
      terminal.print(`${styled(marks[severity][1], `${severity}:`, terminal)} ${text}`);
    for (const disk of blankDisks) terminal.print(blankDiskText(disk));
    const off = deferredHosts(topology.hosts, problems);
    if (off.length > 0)
      terminal.print(
        `deploy leaves out ${off.join(', ')}; Terraform alone does with: ${deferralOption(off)}`,
      );
    terminal.print('');
    const errors = sentences.filter(({ severity }) => severity === 'error').length;
    const option = fileOption(file, terminal);
    terminal.print(
      errors === 0
        ? `next: k3s-cdk deploy${option}`
        : `fix ${errors === 1 ? 'the error' : `the ${errors} errors`} above, then run 'k3s-cdk doctor${option}' again`,
    );
    return errors > 0 ? exitCodes.failed : 0;
  } finally {
    await ssh.close();
  }
}

function checkLine({ what, state, found, problems }: Check, width: number, terminal: Terminal): string {
  const [mark, style] = marks[state];
  const wrong = (['error', 'warning'] as const).flatMap((severity) => {
    const number = problems.filter((problem) => problem.severity === severity).length;
    return number > 0 ? [count(number, severity)] : [];
  });
  const told = [...(found === '' ? [] : [found]), ...wrong].join(', ');
  return `${styled(style, mark, terminal)} ${what.padEnd(width)}  ${told}`.trimEnd();
}
