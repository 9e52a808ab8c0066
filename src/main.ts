import { CommanderError } from 'commander';
import { createProgram } from './cli/program';
import { fileErrorText } from './commands/file-error';
import type { ProgramFiles } from './commands/program-files';
import { processTerminal } from './commands/terminal';

/** Exit code for a command line that cannot be understood; 1 is for everything that is wrong with what it names. */
const usageError = 2;

/**
 * Reads the command line, runs one command and returns the exit code.
 *
 * @param files this program's own
 */
export async function main(argv: readonly string[], files: ProgramFiles): Promise<number> {
  let exitCode = 0;
  const terminal = processTerminal();
  const program = createProgram({
    terminal,
    files,
    done: (code) => {
      exitCode = code;
    },
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    // Commander has printed what is wrong, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageError;
    // What the user can fix, or a file that cannot be used: a disk is full, a folder is missing or somebody else's.
    const reason = fileErrorText(error);
    if (reason === undefined) throw error;
    terminal.error(`error: ${reason}`);
    return 1;
  }
  return exitCode;
}
