/** Characters of a line, on average. */
const charactersOfLine = 200;

/** The end of a program's output, trimmed: that has the reason, and a message is not a log. */
export function lastLines(text: string, lines = 20): string {
  return text
    .slice(-lines * charactersOfLine)
    .trim()
    .split('\n')
    .slice(-lines)
    .join('\n');
}
