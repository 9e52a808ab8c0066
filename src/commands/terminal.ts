import { relative } from 'node:path';
import { isSea } from 'node:sea';
import { forTerminal } from '../programs/plain-text';
import { calledAs, withCommandsAs } from './called-as';
import type { LiveView } from './deploy/live-view';
import type { JsonReport, Report } from './json-report';
import { liveScreen } from './live-screen';
import { wrapped } from './wrap';

/** Where commands print; tests give their own. */
export interface Terminal {
  print(line: string): void;
  error(line: string): void;
  /** A result that is a file's content: printed as it is; with JSON, it must be in the report. */
  output(text: string): void;
  /**
   * What was found, for a program that asked for JSON; people get nothing of it.
   *
   * @param goesOn it is printed now, in a line, since there is more to come. Default: at the end
   */
  report(found: Report, goesOn?: boolean): void;
  /** Shows that something takes its time, where that can be drawn; `waitingFor` says what it is waiting for. */
  during<T>(what: string, work: (waitingFor: (text: string) => void) => Promise<T>): Promise<T>;
  /** A path as the user would type it here. */
  display(path: string): string;
  readonly color: boolean;
  /** Lines of the screen on which people read. @default - there is none */
  readonly height?: number | undefined;
}

/** A terminal that prints elsewhere. */
export function printingTo(terminal: Terminal, output: Pick<Terminal, 'print' | 'error'>): Terminal {
  return {
    ...output,
    output: (text) => terminal.output(text),
    report: (found, goesOn) => terminal.report(found, goesOn),
    during: (what, work) => terminal.during(what, work),
    color: terminal.color,
    display: (path) => terminal.display(path),
  };
}

/**
 * The process's own standard output and error.
 *
 * @param json gets what is reported; then standard output is a program's, and all that people read is on the other one
 */
export function processTerminal(json?: JsonReport): Terminal {
  const { stdout, stderr, env } = process;
  // `k3s-cdk synth | head`: whoever reads may stop reading.
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  const people = json ? stderr : stdout;
  let live: LiveView | undefined;
  const write = (stream: NodeJS.WriteStream, text: string) => {
    const print = () => void stream.write(`${text}\n`);
    if (live) live.beside(print);
    else print();
  };
  const line = (stream: NodeJS.WriteStream, text: string) => write(stream, processText(text, stream));
  return {
    print: (text) => line(people, text),
    error: (text) => {
      json?.hear(text);
      line(stderr, text);
    },
    output: (text) => {
      // It may be a secret, which the report has.
      if (!json) write(stdout, forTerminal(text.trimEnd()));
    },
    report: (found, goesOn) => {
      json?.add(found);
      if (json && goesOn) stdout.write(`${forTerminal(json.next())}\n`);
    },
    during: async (what, work) => {
      const screen = liveScreen(stderr, env);
      if (!screen) return work(() => {});
      // Not of commands that do nothing for long.
      const { LiveView } = await import('./deploy/live-view');
      const view = new LiveView(screen, () => performance.now());
      live = view;
      view.stage(what);
      try {
        return await work((text) => view.waitingFor(text));
      } finally {
        view.clear();
        live = undefined;
      }
    },
    display,
    color: (stderr.isTTY ?? false) && !env.NO_COLOR,
    ...(people.isTTY && { height: people.rows || 24 }),
  };
}

function display(path: string): string {
  const local = relative(process.cwd(), path);
  return local === '' ? '.' : local.startsWith('../../') ? path : local;
}

/** A text as this process prints it: harmless, with commands as they were called, and as wide as the terminal is. */
export function processText(text: string, stream: NodeJS.WriteStream): string {
  const oneFile = isSea();
  const script = (oneFile ? process.argv0 : process.argv[1]) ?? '';
  const called = calledAs({ script, oneFile, environment: process.env, display });
  const shown = withCommandsAs(called, forTerminal(text));
  return stream.isTTY ? wrapped(shown, stream.columns || 80) : shown;
}
