import type { Command } from 'commander';
import type { ProgramFiles } from '../commands/program-files';
import type { Terminal } from '../commands/terminal';

/** What a command line is run with. */
export interface CommandContext {
  readonly terminal: Terminal;
  /** This program's own. */
  readonly files: ProgramFiles;
  /** Stream that people look at: standard output, unless that is a program's. */
  readonly people: NodeJS.WriteStream;
  /** Gets the exit code of the command that ran. */
  readonly done: (exitCode: number) => void;
}

/**
 * Adds a command: its options, its help and its action. What it does is loaded when it runs, so that help, completion and
 * the small commands start at once.
 */
export type AddCommand = (program: Command, context: CommandContext) => void;
