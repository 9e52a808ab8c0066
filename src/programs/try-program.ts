import { isNotInstalled, type ProgramResult, type RunProgramOptions, runProgram } from './run-program';

/** A program that ended, or why it did not, as the rest of a sentence about it. */
export type Tried = ProgramResult | { readonly failure: string; readonly isMissing: boolean };

/** Runs a program that may not be there. */
export async function tryProgram(
  program: string,
  args: readonly string[],
  options: RunProgramOptions,
): Promise<Tried> {
  try {
    const result = await runProgram(program, args, options);
    return result.timedOut ? { failure: 'does not answer', isMissing: false } : result;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    if (isNotInstalled(error)) return { failure: 'is not installed', isMissing: true };
    const why = code === 'EACCES' ? ': you have no permission to' : ` (${code})`;
    return { failure: `cannot be run${why}`, isMissing: false };
  }
}
