import { forTerminal } from '../../programs/plain-text';
import { type Style, styled } from '../../programs/style';
import { duration } from '../../status/figures';
import { boardLines } from './board-lines';
import { spinner } from './spinner';
import type { StepBoard } from './step-board';
import type { View } from './view';

/** A terminal that can be drawn on. */
export interface Screen {
  write(text: string): void;
  size(): { readonly width: number; readonly height: number };
  readonly color: boolean;
}

const frameMs = 100;

/** A frame of a thousand hosts takes some milliseconds: the pause after it is so many times as long, at least. */
const rest = 20;
const hideCursor = '\x1b[?25l';
const showCursor = '\x1b[?25h';

/** Draws the current stage and the board of hosts and steps, again and again in the same place. */
export class LiveView implements View {
  private current: { name: string; board: StepBoard | undefined; startedAt: number } | undefined;
  private waiting = '';
  private drawn = 0;
  private frame = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly screen: Screen,
    private readonly now: () => number,
  ) {}

  stage(name: string, board?: StepBoard): void {
    this.end('done');
    this.current = { name, board, startedAt: this.now() };
    this.screen.write(hideCursor);
    this.animate();
  }

  event(): void {}

  note(line: string): void {
    this.beside(() => this.write([line]));
  }

  /** Prints something that stays, above the drawing. */
  beside(print: () => void): void {
    this.erase();
    print();
    if (this.current) this.draw();
  }

  waitingFor(text: string): void {
    this.waiting = text;
  }

  end(state: 'done' | 'failed'): void {
    const { current } = this;
    if (!current) return;
    const { name, board, startedAt } = current;
    const now = this.now();
    const { height } = this.screen.size();
    this.erase();
    const mark = state === 'done' ? this.styled('green', '✔') : this.styled('red', '✖');
    const lines = [`${mark} ${name} ${this.styled('dim', duration(now - startedAt))}`];
    if (board) lines.push(...this.board(board, now, height - 2));
    this.write(lines);
    this.clear();
  }

  /** Ends the current stage without a trace. */
  clear(): void {
    if (!this.current) return;
    clearTimeout(this.timer);
    this.erase();
    this.screen.write(showCursor);
    this.current = undefined;
    this.waiting = '';
  }

  private animate(): void {
    const from = this.now();
    this.draw();
    this.timer = setTimeout(() => this.animate(), Math.max(frameMs, rest * (this.now() - from)));
    this.timer.unref();
  }

  private draw(): void {
    if (!this.current) return;
    const { name, board, startedAt } = this.current;
    const now = this.now();
    const { width, height } = this.screen.size();
    const sign = this.styled('cyan', spinner(this.frame));
    const waiting = this.waiting === '' ? '' : `  waiting for ${this.waiting}`;
    const head = `${name} ${duration(now - startedAt)}${waiting}`;
    const lines = [`${sign} ${head.length > width - 3 ? `${head.slice(0, width - 4)}…` : head}`];
    // One line stays free for the cursor.
    if (board) lines.push(...this.board(board, now, height - 2));
    this.erase();
    this.write(lines);
    this.drawn = lines.length;
    this.frame += 1;
  }

  private write(lines: readonly string[]): void {
    this.screen.write(lines.map((line) => `${forTerminal(line)}\n`).join(''));
  }

  private board(board: StepBoard, now: number, height: number): string[] {
    const { width } = this.screen.size();
    return boardLines(board.steps(now), { width, height, frame: this.frame, color: this.screen.color });
  }

  /** Back to the start of the drawing. */
  private erase(): void {
    if (this.drawn > 0) this.screen.write(`\x1b[${this.drawn}A\x1b[J`);
    this.drawn = 0;
  }

  private styled(style: Style, text: string): string {
    return styled(style, text, this.screen);
  }
}
