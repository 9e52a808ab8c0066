import { spawn } from 'node:child_process';
import { Lines } from './lines';

export interface StreamProgramOptions {
  readonly cwd?: string;
  /** Environment. @default - this process's own */
  readonly env?: NodeJS.ProcessEnv;
  /** Standard input. @default - nothing */
  readonly input?: string;
  /** Characters of a line; the rest of a longer one is left out. @default 65536 */
  readonly longestLine?: number;
  /** Gets each line as it comes. */
  readonly onLine: (line: string, stream: 'stdout' | 'stderr') => void;
}

export interface StreamedProgram {
  /** Exit code, or the signal that ended it. Rejects with node's error when the program cannot be started. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Asks it to stop, as Ctrl-C would. */
  interrupt(): void;
  /** Ends it and everything that it has started, at once. */
  kill(): void;
}

/** Starts a program whose lines are read while it runs. It is not reached by the terminal's Ctrl-C, only by `interrupt`. */
export function streamProgram(
  program: string,
  args: readonly string[],
  { cwd, env, input, longestLine = 65_536, onLine }: StreamProgramOptions,
): StreamedProgram {
  // A process group of its own: that is what the terminal signals.
  const child = spawn(program, args, { cwd, env, detached: true, stdio: 'pipe' });
  // A program that ends without reading all of it.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const read = [child.stdout, child.stderr].map(
    (stream, index) =>
      new Promise<void>((resolve) => {
        const lines = new Lines((line) => onLine(line, index === 0 ? 'stdout' : 'stderr'), longestLine);
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
    kill: () => {
      if (child.pid === undefined || child.exitCode !== null) return;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has just ended.
      }
    },
  };
}
