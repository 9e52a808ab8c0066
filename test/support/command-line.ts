import { type Command, CommanderError } from 'commander';
import { createProgram } from '../../src/cli/program';
import { RecordingTerminal } from './recording-terminal';

/** The program as it is, but no command does anything. */
export function idleProgram(): Command {
  const program = createProgram({
    terminal: new RecordingTerminal(''),
    files: { folder: undefined, text: () => '' },
    people: process.stdout,
    done() {},
  });
  for (const command of withSubcommands(program)) {
    command.configureOutput(silentOutput);
    if (command !== program) command.action(() => {});
  }
  return program;
}

const silentOutput = { writeOut() {}, writeErr() {} };

export function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

/** What commander says about a command line, without the program's name; undefined when it understands it. */
export function commandLineProblem(words: readonly string[]): string | undefined {
  try {
    idleProgram().parse(words, { from: 'user' });
    return undefined;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? undefined : error.message;
  }
}
