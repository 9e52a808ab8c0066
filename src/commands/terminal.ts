import { relative } from 'node:path';
import { forTerminal } from '../programs/plain-text';

/** Where commands print; tests give their own. */
export interface Terminal {
  print(line: string): void;
  error(line: string): void;
  /** A path as the user would type it here. */
  display(path: string): string;
  readonly color: boolean;
}

/** A terminal that prints elsewhere. */
export function printingTo(terminal: Terminal, output: Pick<Terminal, 'print' | 'error'>): Terminal {
  return { ...output, color: terminal.color, display: (path) => terminal.display(path) };
}

/** The process's own standard output and error. */
export function processTerminal(): Terminal {
  // `k3s-cdk synth | head`: whoever reads may stop reading.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  return {
    print: (line) => void process.stdout.write(`${forTerminal(line)}\n`),
    error: (line) => void process.stderr.write(`${forTerminal(line)}\n`),
    display: (path) => {
      const local = relative(process.cwd(), path);
      return local === '' ? '.' : local.startsWith('../../') ? path : local;
    },
    color: (process.stderr.isTTY ?? false) && !process.env.NO_COLOR,
  };
}
