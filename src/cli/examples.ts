import { hanging, wrapped } from '../commands/wrap';

const width = 80;
/** A longer command has a line of its own. */
const longest = 36;

/** The end of a command's help: commands as they are typed, each with its purpose unless that is obvious. */
export function examples(...rows: readonly (readonly [command: string, meaning: string])[]): string {
  const lengths = rows.map(([command]) => command.length).filter((length) => length <= longest);
  const column = Math.max(8, ...lengths) + 2;
  const lines = rows.map(([command, meaning]) => {
    if (meaning === '') return wrapped(`  ${command}`, width);
    if (command.length <= longest) return hanging(`  ${command.padEnd(column)}`, meaning, { width });
    return `${wrapped(`  ${command}`, width)}\n${hanging(' '.repeat(column + 2), meaning, { width })}`;
  });
  return `\nExamples:\n${lines.join('\n')}`;
}
