import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Lab } from '../lab';
import { waitFor } from '../wait';

interface Answer {
  /** Milliseconds since 1970. */
  readonly asked: number;
  readonly ready: boolean;
}

/** Asks for the API's readiness every 50 ms from the operator's side of a lab, until it is stopped. */
export class ApiWatch {
  private readonly answers: Answer[] = [];
  private readonly child: ChildProcess;

  constructor(lab: Lab, address: string, port = 6443) {
    const asker = [process.execPath, join(__dirname, 'ask-api.js'), address, String(port)];
    this.child = spawn('ip', ['netns', 'exec', lab.namespace, ...asker], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let rest = '';
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const [asked, status] = line.split(' ').map(Number);
        this.answers.push({ asked: asked ?? 0, ready: status === 200 });
      }
    });
  }

  /** When the API was first asked that was ready, in milliseconds since 1970; undefined before. */
  get firstReady(): number | undefined {
    return this.answers.find(({ ready }) => ready)?.asked;
  }

  /** When it was asked last and was ready, in milliseconds since 1970. */
  get lastReady(): number | undefined {
    return this.answers.findLast(({ ready }) => ready)?.asked;
  }

  /** Waits until every question of the last `milliseconds` was answered well. */
  async steady(milliseconds: number, timeout: number): Promise<void> {
    const since = Date.now();
    await waitFor(
      `the API is ready for ${milliseconds} ms`,
      () => {
        const last = this.answers.filter(({ asked }) => asked > Date.now() - milliseconds);
        return Date.now() - since > milliseconds && last.length > 0 && last.every(({ ready }) => ready);
      },
      { timeout, interval: 100 },
    );
  }

  /** Times between two good answers with a bad one between them, since a moment; the last one may go on. */
  outages(since: number): { readonly began: number; readonly ms: number }[] {
    const found: { began: number; ms: number }[] = [];
    let [last, failed] = [since, false];
    for (const { asked, ready } of [...this.answers].sort((a, b) => a.asked - b.asked)) {
      if (asked < since) continue;
      if (ready && failed) found.push({ began: last, ms: asked - last });
      if (ready) last = asked;
      failed = !ready;
    }
    if (failed) found.push({ began: last, ms: Date.now() - last });
    return found;
  }

  /** The longest of them in milliseconds. */
  longestOutage(since: number): number {
    return Math.max(0, ...this.outages(since).map(({ ms }) => ms));
  }

  /** How many questions have an answer, or none in time, since a moment. */
  asked(since: number): number {
    return this.answers.filter((answer) => answer.asked >= since).length;
  }

  /** `3 of 200 failed`, since a moment. */
  failures(since: number): string {
    const asked = this.answers.filter((answer) => answer.asked >= since);
    return `${asked.filter(({ ready }) => !ready).length} of ${asked.length} questions failed`;
  }

  stop(): void {
    this.child.kill();
  }
}
