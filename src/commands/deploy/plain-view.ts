import { duration } from '../../status/figures';
import type { Terminal } from '../terminal';
import type { View } from './view';

/** A line for every event, with the time since the start: for CI logs, and for people who prefer it. */
export class PlainView implements View {
  private readonly startedAt: number;
  private waiting = '';

  constructor(
    private readonly terminal: Terminal,
    private readonly now: () => number,
  ) {
    this.startedAt = now();
  }

  stage(name: string): void {
    this.waiting = '';
    this.event(name);
  }

  event(line: string): void {
    this.terminal.print(`${`[${duration(this.now() - this.startedAt)}]`.padEnd(9)} ${line}`);
  }

  note(line: string): void {
    this.event(line);
  }

  waitingFor(text: string): void {
    if (text !== '' && text !== this.waiting) this.event(`  waiting for ${text}`);
    this.waiting = text;
  }

  end(): void {
    this.waiting = '';
  }
}
