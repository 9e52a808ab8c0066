import { isIP } from 'node:net';
import { InvalidArgumentError, Option } from 'commander';
import { defaultFile } from '../commands/file-option';

/** `--file`: which cluster a command is about. */
export const file = () => new Option('-f, --file <file>', 'cluster description').default(defaultFile);

/** `--format`, of all commands but those whose output is a file's content. */
export const format = () =>
  new Option('--format <format>', 'what to print, for people or programs')
    .choices(['text', 'json'])
    .default('text');

/** `--json`, beside `format()`. */
export const json = () => new Option('--json', 'the same as --format json').implies({ format: 'json' });

/** `--hosts`, of commands that are about hosts and need not be about all. */
export const hosts = (which = 'only these') =>
  new Option('--hosts <list>', `${which}: names, groups and ranges, as in 'agent[01-40],storage1'`);

/** An option that may be given several times. */
export const several = (flags: string, description: string) =>
  new Option(flags, description)
    .argParser((text: string, before: string[]) => [...before, text])
    .default([], 'none');

/** Parser of an option's value. */
export function positiveNumber(text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError('it must be a number greater than 0.');
  return number;
}

/** Parser of an option's value. */
export function ipAddress(text: string): string {
  if (isIP(text) === 0) throw new InvalidArgumentError('it must be an IP address.');
  return text;
}
