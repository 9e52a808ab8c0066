import { setTimeout } from 'node:timers/promises';

/** Something that can be stopped, gently or not. */
export interface Stoppable {
  interrupt(): void;
  kill(): void;
}

/**
 * Ctrl-C, passed on to what is running: the first asks it to stop, the second kills it. Nothing new may start
 * once it was `requested`.
 */
export class Interruption {
  private running: Stoppable | undefined;
  private count = 0;
  private readonly controller = new AbortController();

  /** @param onFirst reports what happens now */
  constructor(private readonly onFirst: () => void) {}

  get requested(): boolean {
    return this.count > 0;
  }

  /** Aborted by the first request, for what is not a program. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Waits, unless a request comes or has come. */
  async pause(milliseconds: number): Promise<void> {
    await setTimeout(milliseconds, undefined, { signal: this.signal }).catch(() => {});
  }

  /** What a signal handler calls. */
  request(): void {
    this.count += 1;
    if (this.count === 1) {
      this.onFirst();
      this.running?.interrupt();
      this.controller.abort();
    } else this.running?.kill();
  }

  /** Makes a request stop `program` until that has ended. */
  async during<T>(program: Stoppable & { readonly ended: Promise<T> }): Promise<T> {
    this.running = program;
    try {
      return await program.ended;
    } finally {
      this.running = undefined;
    }
  }
}
