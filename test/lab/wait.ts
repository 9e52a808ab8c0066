import { setTimeout as sleep } from 'node:timers/promises';

export interface WaitOptions {
  /** Milliseconds. @default 30000 */
  readonly timeout?: number;
  /** Milliseconds between two looks; no less than a look takes, or looking would slow down what it waits for. @default 20 */
  readonly interval?: number;
  /** Text for the error message. */
  readonly explain?: () => string;
}

/** Until a program that a test has started serves: on a machine that is busy, half a minute is not enough. */
export const untilItServes: WaitOptions = { timeout: 120_000, interval: 50 };

/**
 * Polls until `condition` holds.
 * Throws `what` with the time that it waited, and what `explain` adds.
 */
export async function waitFor(
  what: string,
  condition: () => boolean | Promise<boolean>,
  { timeout = 30_000, interval = 20, explain }: WaitOptions = {},
): Promise<void> {
  const end = performance.now() + timeout;
  for (;;) {
    const began = performance.now();
    if (await condition()) return;
    const now = performance.now();
    if (now > end) throw new Error(`${what}: still not after ${timeout / 1000} s\n${explain?.() ?? ''}`);
    await sleep(Math.max(interval, now - began));
  }
}
