import { spawn } from 'node:child_process';

/** What a finished command said. */
export interface CommandResult {
  /** Exit status; 128 + signal number is not used: a killed command has status -1. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly input?: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /**
   * Kill the command after this many milliseconds.
   * @default 10 minutes
   */
  readonly timeout?: number;
  /**
   * Kill it instead after this many milliseconds without output, however long it goes on: for what downloads or emulates.
   * @default - only `timeout` counts
   */
  readonly silence?: number;
  /**
   * Return a failed command's result instead of throwing.
   * @default false
   */
  readonly allowFailure?: boolean;
}

/** Runs a program without a shell. Throws with the end of its output when it fails. */
export async function command(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const result = await spawned(program, args, options);
  if (result.status === 0 || options.allowFailure) return result;
  const output = `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-20).join('\n');
  throw new Error(`'${[program, ...args].join(' ')}' failed with status ${result.status}:\n${output}`);
}

function spawned(program: string, args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { ...process.env, ...options.env },
      ...(options.silence === undefined && { timeout: options.timeout ?? 600_000 }),
      killSignal: 'SIGKILL',
      ...(options.cwd !== undefined && { cwd: options.cwd }),
    });
    const silence =
      options.silence === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), options.silence);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      silence?.refresh();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      silence?.refresh();
    });
    child.on('error', reject);
    child.on('close', (status) => {
      clearTimeout(silence);
      resolve({ status: status ?? -1, stdout, stderr });
    });
    child.stdin.on('error', () => {}); // A command may end without reading its input.
    child.stdin.end(options.input ?? '');
  });
}
