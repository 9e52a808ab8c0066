import { CommanderError } from 'commander';
import { createProgram } from './cli/program';
import { exitCodes } from './commands/exit-codes';
import { fileErrorText } from './commands/file-error';
import { asksForJson, JsonReport } from './commands/json-report';
import type { ProgramFiles } from './commands/program-files';
import { processTerminal, type Terminal } from './commands/terminal';
import { forTerminal } from './programs/plain-text';
import { UserError } from './user-error';

/**
 * Reads the command line, runs one command and returns the exit code.
 *
 * @param files this program's own
 */
export async function main(argv: readonly string[], files: ProgramFiles): Promise<number> {
  const json = asksForJson(argv) ? new JsonReport() : undefined;
  const terminal = processTerminal(json);
  let exitCode: number = exitCodes.internal;
  try {
    exitCode = await run(argv, files, terminal, json ? process.stderr : process.stdout);
    return exitCode;
  } catch (error) {
    json?.hear(`error: ${error instanceof Error ? error.message : error}`);
    throw error;
  } finally {
    if (json) process.stdout.write(`${forTerminal(json.end(exitCode))}\n`);
  }
}

async function run(
  argv: readonly string[],
  files: ProgramFiles,
  terminal: Terminal,
  people: NodeJS.WriteStream,
): Promise<number> {
  let exitCode = 0;
  const program = createProgram({
    terminal,
    files,
    people,
    done: (code) => {
      exitCode = code;
    },
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has printed what is wrong, or the help that was asked for.
      return error.exitCode === 0 ? 0 : exitCodes.usage;
    }
    // What the user can fix, or a file that cannot be used: a disk is full, a folder is missing or somebody else's.
    const reason = ownCodeError(error, files, terminal) ?? prefixed(fileErrorText(error));
    if (reason === undefined) throw error;
    terminal.error(reason);
    return exitCodes.failed;
  }
  return exitCode;
}

function prefixed(reason: string | undefined): string | undefined {
  return reason && `error: ${reason}`;
}

/** Code in `src/apps` is the user's: what goes wrong in it is no mistake of this program. */
function ownCodeError(error: unknown, { ownPlace }: ProgramFiles, terminal: Terminal): string | undefined {
  if (error instanceof UserError || !(error instanceof Error)) return undefined;
  const { stack = '', message } = error;
  const place = ownPlace?.(stack);
  if (!place) return undefined;
  terminal.report({ problems: [{ severity: 'error', code: 'source', ...place, message }] });
  return `${place.file}:${place.line}:${place.column}: error: ${message}`;
}
