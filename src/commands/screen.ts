import { processText } from './terminal';

/** Standard output as something that can be redrawn; tests give their own. */
export interface Screen {
  readonly color: boolean;
  /** In characters. @default - as wide as anything */
  readonly width?: number;
  /** In lines. @default - as high as anything */
  readonly height?: number;
  /** Shows lines in the place of those before, or below them where there is no terminal. */
  draw(lines: readonly string[]): void;
}

/** From the upper left corner, with the former content cleared. */
const home = '\u001b[H\u001b[J';

/** The process's own standard output, for people. @param again whether more than one drawing is going to come */
export function processScreen(again: boolean): Screen {
  const terminal = process.stdout.isTTY ?? false;
  return {
    color: terminal && !process.env.NO_COLOR,
    ...(terminal && { width: process.stdout.columns || 80, height: process.stdout.rows || 24 }),
    draw: (lines) => {
      const text = processText(lines.join('\n'), process.stdout);
      process.stdout.write(`${again && terminal ? home : ''}${text}\n`);
    },
  };
}
