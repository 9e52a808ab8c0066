/** The end of a command's help: commands as they are typed, each with its purpose unless that is obvious. */
export function examples(...rows: readonly (readonly [command: string, meaning: string])[]): string {
  const width = Math.max(...rows.map(([command, meaning]) => (meaning === '' ? 0 : command.length)));
  return `\nExamples:\n${rows.map(([command, meaning]) => `  ${command.padEnd(width)}  ${meaning}`.trimEnd()).join('\n')}`;
}
