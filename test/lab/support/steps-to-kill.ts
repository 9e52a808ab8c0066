import { isLong } from './long';
import { report } from './report';

/** Steps to kill: all of them, or as many as CI has time for, others every day. */
export function stepsToKill(steps: readonly string[]): { step: string; milliseconds: number }[] {
  const day = Math.floor(Date.now() / 86_400_000);
  const seed = Number(process.env.LAB_SEED ?? day);
  const every = isLong ? 1 : steps.length / 4;
  const first = every === 1 ? 0 : seed % Math.ceil(every);
  const chosen = steps.filter(
    (_, index) => index === first || (index > first && Math.floor((index - first) % every) === 0),
  );
  report(`LAB_SEED=${seed}: killed in ${chosen.length} of ${steps.length} steps`);
  // Up to a quarter of a second: the shortest steps take little more.
  return chosen.map((step, index) => ({ step, milliseconds: (seed * 7919 + index * 104_729) % 250 }));
}
