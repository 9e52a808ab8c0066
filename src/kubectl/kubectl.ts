import type { Interruption } from '../programs/interruption';
import { startProgram } from '../programs/run-program';

export interface KubectlOptions {
  /** File with the access to only this cluster: kubectl has no choice. */
  readonly kubeconfig: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly interruption: Interruption;
  /** Gets commands and their output, for the log. */
  readonly log: (line: string) => void;
  /** Characters of an answer; with more, kubectl is ended. @default 256 million: all pods of the largest clusters */
  readonly maxAnswerLength?: number;
}

export interface KubectlResult {
  /** 0 on success. */
  readonly end: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}

/** Characters: an object has at most a million and a half, and any part of it is a line. */
const maxLineLength = 2 * 1024 * 1024;

/** kubectl failed; the message is its output. */
export class KubectlError extends Error {}

/** The error of a result other than 0, for a caller of `try` that cannot continue. */
export function failureOf({ end, stderr }: KubectlResult, args: readonly string[]): KubectlError {
  return new KubectlError(stderr.trim() || `kubectl ${args[0]} exited with ${end}`);
}

/** kubectl, for one cluster. */
export class Kubectl {
  constructor(private readonly options: KubectlOptions) {}

  /** Runs it to its end; a failure does not throw. */
  async try(...args: string[]): Promise<KubectlResult> {
    const { kubeconfig, environment, interruption, log } = this.options;
    const said = { stdout: [] as string[], stderr: [] as string[] };
    log(`$ kubectl ${args.join(' ')}`);
    let room = this.options.maxAnswerLength ?? 256 * 1024 * 1024;
    const child = startProgram('kubectl', ['--kubeconfig', kubeconfig, ...args], {
      // A kubeconfig from the user's environment is another cluster's.
      env: { ...environment, KUBECONFIG: kubeconfig, KUBECTL_APPLYSET: 'true' },
      maxLineLength,
      onLine: (line, stream) => {
        room -= line.length;
        if (room < 0) return child.kill();
        said[stream].push(line);
        // JSON output is long, and the log is for what was done.
        if (stream === 'stderr' || !args.includes('json')) log(line);
      },
    });
    const end = await interruption.during(child);
    if (room < 0) said.stderr.push('the API sends an answer without end: is it the one of this cluster?');
    return { end, stdout: said.stdout.join('\n'), stderr: said.stderr.join('\n') };
  }

  /** What it prints. @throws KubectlError */
  async run(...args: string[]): Promise<string> {
    const result = await this.try(...args);
    if (result.end !== 0) throw failureOf(result, args);
    return result.stdout;
  }

  /** The objects that a `get` finds. @throws KubectlError */
  async list<T>(...args: string[]): Promise<T[]> {
    const answer = await this.run('get', ...args, '-o', 'json');
    try {
      const { items } = JSON.parse(answer);
      if (Array.isArray(items)) return items;
    } catch {
      // Told below.
    }
    throw new KubectlError(`the API answers to 'get ${args[0]}' with something that is not a list`);
  }
}
