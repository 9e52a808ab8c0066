import { relative } from 'node:path';
import { isSea } from 'node:sea';
import { forTerminal } from '../programs/plain-text';
import { calledAs, withCommandsAs } from './called-as';

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
    print: (line) => void process.stdout.write(`${processText(line)}\n`),
    error: (line) => void process.stderr.write(`${processText(line)}\n`),
    display,
    color: (process.stderr.isTTY ?? false) && !process.env.NO_COLOR,
  };
}

function display(path: string): string {
  const local = relative(process.cwd(), path);
  return local === '' ? '.' : local.startsWith('../../') ? path : local;
}

/** A text as this process prints it: harmless, and with commands as they were called. */
export function processText(text: string): string {
  const oneFile = isSea();
  const script = (oneFile ? process.argv0 : process.argv[1]) ?? '';
  const called = calledAs({ script, oneFile, environment: process.env, display });
  return withCommandsAs(called, forTerminal(text));
}
