import { distance } from 'fastest-levenshtein';
import { quote } from './quote';

/** The one of `candidates` that was probably meant: at most a third of the letters differ. */
export function closest(name: string, candidates: readonly string[]): string | undefined {
  const letters = comparable(name);
  let best: string | undefined;
  let least = Math.max(1, Math.floor(letters.length / 3)) + 1;
  for (const candidate of candidates) {
    const difference = mistakes(letters, comparable(candidate));
    if (difference < least) {
      least = difference;
      best = candidate;
    }
  }
  return best;
}

/** A hint at the one of `candidates` that was probably meant, if there is one. */
export function didYouMean(name: string, candidates: readonly string[]): { readonly hint?: string } {
  const meant = closest(name, candidates);
  return meant === undefined ? {} : { hint: `did you mean ${quote(meant)}?` };
}

/** Letters of a beginning that is taken for its word. */
const shortest = 4;

/** Letters in the wrong order are one mistake, however many have moved, and so is an end that is missing. */
function mistakes(a: string, b: string): number {
  if (a !== b && a.length >= shortest && b.startsWith(a)) return 1;
  const sorted = (text: string) => [...text].sort().join('');
  return a !== b && a.length === b.length && sorted(a) === sorted(b) ? 1 : distance(a, b);
}

/** `DataDir`, `data_dir` and `data-dir` are the same word to people. */
function comparable(name: string): string {
  return name.toLowerCase().replace(/[-_\s]/g, '');
}
