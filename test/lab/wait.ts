import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Polls until `condition` holds. `timeout` and `interval` in milliseconds.
 * Throws `what` with the time that it waited, and what `explain` adds.
 */
export async function waitFor(
  what: string,
  condition: () => boolean | Promise<boolean>,
  { timeout = 30_000, interval = 20, explain = () => '' } = {},
): Promise<void> {
  const end = performance.now() + timeout;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`${what}: still not after ${timeout / 1000} s\n${explain()}`);
    await sleep(interval);
  }
}
