import { resolve as absolute, dirname } from 'node:path';
import { blankDiskText } from '../preflight/blank-disk';
import { type Preflight, preflight } from '../preflight/preflight';
import { styled } from '../programs/style';
import { SshClient } from '../ssh/client';
import { problemSentences } from '../status/problem-sentences';
import { loadOrReport } from './load';
import type { Screen } from './screen';
import type { Terminal } from './terminal';
import { topologyOf } from './topology';

export interface DoctorOptions {
  /** cluster.yaml. */
  readonly file: string;
  /** Print the problems as JSON. */
  readonly json: boolean;
  /** Seconds that a host has to answer. */
  readonly timeoutSeconds: number;
}

export interface DoctorContext {
  /** The present, in milliseconds since 1970. */
  readonly clock: () => number;
  /** Environment in which Terraform is looked for. */
  readonly environment: NodeJS.ProcessEnv;
  readonly screen: Screen;
}

/** `k3s-cdk doctor`: what would keep an apply from working. Returns the exit code: 1 when there is an error. */
export async function doctorCommand(
  { file, json, timeoutSeconds }: DoctorOptions,
  { clock, environment, screen }: DoctorContext,
  terminal: Terminal,
): Promise<number> {
  const config = loadOrReport(file, 'text', terminal);
  if (!config) return 1;
  const topology = topologyOf(config, file, terminal);
  const folder = dirname(absolute(file));
  const ssh = new SshClient({ folder });
  try {
    const options = { folder, ssh, timeoutMs: timeoutSeconds * 1000, now: clock, environment };
    const found = await preflight(topology, options);
    const { problems } = found;
    screen.draw(json ? [JSON.stringify(problems, null, 2)] : render(found, topology.hosts.length, screen));
    return problems.some(({ severity }) => severity === 'error') ? 1 : 0;
  } finally {
    await ssh.close();
  }
}

function render({ problems, blankDisks }: Preflight, hosts: number, screen: Screen): string[] {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const lines = problemSentences(problems).map(
    ({ severity, text }) =>
      `${severity === 'error' ? styled('red', 'error:', screen) : styled('yellow', 'warning:', screen)} ${text}`,
  );
  const disks = blankDisks.map(blankDiskText);
  if (problems.length === 0) return [...disks, `nothing keeps an apply from working: ${hosts} hosts checked`];
  const end =
    errors === 0
      ? 'you can apply'
      : `fix the ${errors === 1 ? 'error' : `${errors} errors`} above before an apply`;
  return [...lines, ...disks, '', end];
}
