import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

export interface RunProcessOptions {
  readonly cwd?: string;
  /** Standard input. @default nothing */
  readonly input?: string | Buffer;
  /** What gets standard output as it comes, bytes untouched. @default collected as text */
  readonly output?: Writable;
  readonly timeoutMs: number;
  /** Bytes that are collected of each of its outputs; with more it is ended. @default 8 MiB */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

export interface ProcessResult {
  readonly stdout: string;
  readonly stderr: string;
  /** -1 when a signal ended it. */
  readonly exitCode: number;
  readonly timedOut: boolean;
  /** It was ended because it said more than `maxBytes`. */
  readonly saidTooMuch: boolean;
}

const defaultMaxBytes = 8 * 1024 * 1024;

/** What a program may have written that is still on its way when it has ended. */
const drainMs = 200;

/**
 * Runs a program to its end, without a shell.
 *
 * @throws Error of node when it cannot be started, or the signal's reason
 */
export function runProcess(
  program: string,
  args: readonly string[],
  { cwd, input, output, timeoutMs, maxBytes = defaultMaxBytes, signal }: RunProcessOptions,
): Promise<ProcessResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, signal, stdio: 'pipe' });
    let saidTooMuch = false;
    const tooMuch = () => {
      saidTooMuch = true;
      child.kill('SIGKILL');
    };
    const stdout = output ? () => '' : collect(child.stdout, maxBytes, tooMuch);
    const stderr = collect(child.stderr, maxBytes, tooMuch);
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
      resolve({ stdout: stdout(), stderr: stderr(), exitCode: exitCode ?? -1, timedOut, saidTooMuch });
    };
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(signal?.aborted ? signal.reason : error);
    });
    child.once('close', done);
    // A connection that ssh keeps in the background may have our pipes, so they may stay open.
    child.once('exit', (exitCode) => {
      // Output that goes to a file may take its time.
      if (output) return;
      drain = setTimeout(done, drainMs, exitCode);
    });
    // It may end without reading.
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
  });
}

function collect(stream: NodeJS.ReadableStream, maxBytes: number, tooMuch: () => void): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
    else tooMuch();
  });
  return () => Buffer.concat(chunks).toString('utf8');
}
