/** Ends the help of a command: commands as they are typed, each with what it is for unless it says so itself. */
export function examples(...rows: readonly (readonly [command: string, meaning: string])[]): string {
  const width = Math.max(...rows.map(([command, meaning]) => (meaning === '' ? 0 : command.length)));
  return `\nExamples:\n${rows.map(([command, meaning]) => `  ${command.padEnd(width)}  ${meaning}`.trimEnd()).join('\n')}`;
}
