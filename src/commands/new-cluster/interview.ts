import type { Issue } from '../../config/issue';
import type { ClusterFlags } from './flags';
import type { Prompter } from './prompter';
import type { Step } from './questions';

/** The answer that goes back to the previous question. */
const back = '<';

/** Options, with the answers as if they had been given as such. */
export interface Interviewed {
  readonly flags: ClusterFlags;
  /** The person stopped. */
  readonly stopped: boolean;
}

/**
 * Asks one question after the other. `<` goes back to the previous answer.
 *
 * @param issuesOf what is wrong with a cluster of so much
 */
export async function interview(
  steps: readonly Step[],
  given: ClusterFlags,
  prompter: Prompter,
  issuesOf: (known: ClusterFlags) => readonly Issue[],
): Promise<Interviewed> {
  const answers = new Map<Step, string>();
  const until = (end: number) =>
    steps.slice(0, end).reduce((known, step) => {
      const answer = answers.get(step);
      return answer !== undefined && step.isAsked(known) ? step.answered(answer, known) : known;
    }, given);
  const isAsked = (index: number) => steps[index]?.isAsked(until(index)) ?? false;

  // Said once.
  const hasFirstBefore = (before: number) =>
    before >= 0 && !steps.some((_, other) => other < before && isAsked(other));
  for (let index = 0; index < steps.length; ) {
    const step = steps[index];
    if (!step || !isAsked(index)) {
      index += 1;
      continue;
    }
    const before = steps.findLastIndex((_, other) => other < index && isAsked(other));
    const known = until(index);
    const check = checker(step, known, issuesOf);
    const earlier = answers.get(step);
    const initial = step.initial(known);
    const answer = await prompter.ask({
      message: hasFirstBefore(before) ? `${step.message(known)} (${back} goes back)` : step.message(known),
      check: (text) => (text === back && before >= 0 ? undefined : check(text)),
      ...(initial !== undefined && { initial }),
      ...(earlier !== undefined && { earlier }),
    });
    if (answer === undefined) return { flags: until(steps.length), stopped: true };
    if (answer === back) {
      index = before;
      continue;
    }
    answers.set(step, answer);
    index += 1;
  }
  return { flags: until(steps.length), stopped: false };
}

/** Checks an answer by itself and by the rules of cluster.yaml; warnings do not reject it. */
function checker(
  step: Step,
  known: ClusterFlags,
  issuesOf: (known: ClusterFlags) => readonly Issue[],
): (answer: string) => string | undefined {
  const warned = new Set<string>();
  return (answer) => {
    const problem = step.problem(answer, known);
    if (problem !== undefined) return problem;
    const issues = issuesOf(step.answered(answer, known)).filter(({ path }) =>
      step.places.some(
        (place) => path === place || path.startsWith(`${place}.`) || path.startsWith(`${place}[`),
      ),
    );
    const error = issues.find(({ severity }) => severity === 'error');
    if (error) return error.message;
    const [warning] = issues;
    if (!warning || warned.has(answer)) return undefined;
    warned.add(answer);
    return `${warning.message}. Enter once more keeps it`;
  };
}
