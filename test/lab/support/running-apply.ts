import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** A `terraform apply` that goes on while a test does something to it, or to hosts. */
export class RunningApply {
  /** How it ended; the status is null when it was killed. */
  readonly ended: Promise<{ readonly status: number | null; readonly output: string }>;
  private output = '';
  private over = false;

  /** @param child a process of its own group, so that the provider's process goes with it */
  constructor(private readonly child: ChildProcessByStdio<null, Readable, Readable>) {
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    this.ended = new Promise((resolve) =>
      child.on('close', (status) => {
        this.over = true;
        resolve({ status, output: this.output });
      }),
    );
  }

  /** Waits until its output shows a text; false when it ended before. */
  async reaches(text: string | RegExp): Promise<boolean> {
    const isThere = () => (text instanceof RegExp ? text.test(this.output) : this.output.includes(text));
    while (!isThere()) {
      if (this.over) return false;
      await sleep(20);
    }
    return true;
  }

  /** As a power cut of the operator's machine would. */
  kill(): void {
    if (!this.over) process.kill(-(this.child.pid ?? 0), 'SIGKILL');
  }
}
