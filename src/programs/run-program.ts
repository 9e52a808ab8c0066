import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { Lines } from './lines';

// The only module that starts programs, always without a shell.

interface ProgramOptions {
  readonly cwd?: string;
  /** Environment. @default - this process's own */
  readonly env?: NodeJS.ProcessEnv;
  /** Standard input. @default - nothing */
  readonly input?: string | Buffer;
}

export interface RunProgramOptions extends ProgramOptions {
  /** Receives standard output as it arrives, bytes untouched. @default - collected as text */
  readonly output?: Writable;
  readonly timeoutMs: number;
  /** Bytes collected of each of its outputs; a program that writes more is killed. @default 8 MiB */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal | undefined;
  /** The terminal's Ctrl-C reaches only this process. @default false - it ends the program, too */
  readonly detached?: boolean | undefined;
}

export interface ProgramResult {
  readonly stdout: string;
  readonly stderr: string;
  /** -1 when a signal ended it. */
  readonly exitCode: number;
  readonly timedOut: boolean;
  /** It was killed because it wrote more than `maxBytes`. */
  readonly exceededMaxBytes: boolean;
}

const defaultMaxBytes = 8 * 1024 * 1024;

/** How long output that was written before the exit may still be in the pipes. */
const drainMs = 200;

/**
 * Runs a program to its end.
 *
 * @throws node's error when it cannot be started, or the signal's reason
 */
export function runProgram(
  program: string,
  args: readonly string[],
  { cwd, env, input, output, timeoutMs, maxBytes = defaultMaxBytes, signal, detached }: RunProgramOptions,
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, signal, detached, stdio: 'pipe' });
    let exceededMaxBytes = false;
    const exceeded = () => {
      exceededMaxBytes = true;
      child.kill('SIGKILL');
    };
    const stdout = output ? () => '' : collect(child.stdout, maxBytes, exceeded);
    const stderr = collect(child.stderr, maxBytes, exceeded);
    if (output) child.stdout.pipe(output, { end: false });
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill();
    }, timeoutMs);
    let drain: NodeJS.Timeout | undefined;
    const done = (exitCode: number | null) => {
      clearTimeout(timer);
      clearTimeout(drain);
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ stdout: stdout(), stderr: stderr(), exitCode: exitCode ?? -1, timedOut, exceededMaxBytes });
    };
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(signal?.aborted ? signal.reason : error);
    });
    child.once('close', done);
    // A connection that ssh keeps in the background may have our pipes, so they may stay open.
    child.once('exit', (exitCode) => {
      // Output to a file may take longer.
      if (output) return;
      drain = setTimeout(done, drainMs, exitCode);
    });
    sendInput(child.stdin, input);
  });
}

export interface StartProgramOptions extends ProgramOptions {
  /** Characters of a line; the rest of a longer one is left out. @default 65536 */
  readonly maxLineLength?: number;
  /**
   * The terminal's Ctrl-C reaches it as it reaches this process.
   *
   * @default false - it runs in a process group of its own, where only `interrupt` reaches it
   */
  readonly foreground?: boolean;
  /** Gets each line as it arrives. */
  readonly onLine: (line: string, stream: 'stdout' | 'stderr') => void;
}

export interface RunningProgram {
  /** Exit code, or the signal that ended it. Rejects with node's error when the program cannot be started. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Asks it to stop, as Ctrl-C would. */
  interrupt(): void;
  /** Asks it to end. */
  terminate(): void;
  /** Ends it at once, with everything it has started if it has a process group of its own. */
  kill(): void;
}

/** Starts a program whose lines are read while it runs. */
export function startProgram(
  program: string,
  args: readonly string[],
  { cwd, env, input, maxLineLength = 65_536, foreground = false, onLine }: StartProgramOptions,
): RunningProgram {
  const child = spawn(program, args, { cwd, env, detached: !foreground, stdio: 'pipe' });
  sendInput(child.stdin, input);
  const read = [child.stdout, child.stderr].map(
    (stream, index) =>
      new Promise<void>((resolve) => {
        const lines = new Lines((line) => onLine(line, index === 0 ? 'stdout' : 'stderr'), maxLineLength);
        stream.on('data', (bytes: Buffer) => lines.add(bytes));
        stream.once('close', () => {
          lines.end();
          resolve();
        });
      }),
  );
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.once('error', reject);
    child.once(
      'close',
      (code, signal) => void Promise.all(read).then(() => resolve(code ?? signal ?? 'SIGKILL')),
    );
  });
  return {
    ended,
    interrupt: () => void child.kill('SIGINT'),
    terminate: () => void child.kill(),
    kill: () => {
      if (child.pid === undefined || child.exitCode !== null) return;
      try {
        process.kill(foreground ? child.pid : -child.pid, 'SIGKILL');
      } catch {
        // It has just ended.
      }
    },
  };
}

/** Whether an error means that there is no such program. */
export function isNotInstalled(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
}

function sendInput(stdin: Writable, input: string | Buffer = ''): void {
  // A program may end without reading all of it.
  stdin.on('error', () => {});
  stdin.end(input);
}

function collect(stream: NodeJS.ReadableStream, maxBytes: number, exceeded: () => void): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
    else exceeded();
  });
  return () => Buffer.concat(chunks).toString('utf8');
}
