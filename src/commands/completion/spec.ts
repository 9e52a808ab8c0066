import type { Command, Option } from 'commander';

/** What a shell needs to know of a command. */
export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionSpec[];
  /** Words that its argument may be; empty for any. */
  readonly words: readonly string[];
}

export interface OptionSpec {
  /** `-f`, if it has one. */
  readonly short?: string;
  /** `--file`. */
  readonly long: string;
  readonly summary: string;
  /** What follows it; undefined for a switch. */
  readonly value?: ValueSpec;
}

export interface ValueSpec {
  readonly name: string;
  readonly words: readonly string[];
  /** Whether it is a file or a folder. */
  readonly isPath: boolean;
}

/** The commands of a program as data, in the order of its help. */
export function commandSpecs(program: Command): CommandSpec[] {
  return program.commands.map((command) => ({
    name: command.name(),
    summary: firstSentence(command.summary() || command.description()),
    options: command.createHelp().visibleOptions(command).map(optionSpec),
    words: command.registeredArguments.flatMap((argument) => argument.argChoices ?? []),
  }));
}

function optionSpec({ short, long, description, required, optional, flags, argChoices }: Option): OptionSpec {
  const name = /[<[]([^\s<>[\]]+)[>\]]/.exec(flags)?.[1] ?? '';
  return {
    ...(short !== undefined && { short }),
    long: long ?? '',
    summary: firstSentence(description),
    ...((required || optional) && {
      value: { name, words: argChoices ?? [], isPath: ['file', 'dir', 'folder'].includes(name) },
    }),
  };
}

/** Menus of shells have one line, and quotes of their own. */
function firstSentence(text: string): string {
  return text
    .replace(/ \([^()]*\)/g, '')
    .replace(/[;.:] .*$/s, '')
    .replaceAll("'", '')
    .replace(/\.$/, '');
}
