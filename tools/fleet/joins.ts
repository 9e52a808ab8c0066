import type { Ran } from './fleet';

export interface Joins {
  /** Seconds that one host's own steps take together, of the slowest. */
  readonly longest: number;
  /** What all together may take: three times that, as often as their number fills all lanes. */
  readonly bound: number;
}

/** @param ran all steps of an install */
export function joinsOf(ran: readonly Ran[], parallelism: number): Joins {
  const seconds = new Map<string, number>();
  for (const step of ran) seconds.set(step.host, (seconds.get(step.host) ?? 0) + step.seconds);
  const longest = Math.max(0, ...seconds.values());
  return { longest, bound: (3 * longest * seconds.size) / parallelism };
}
