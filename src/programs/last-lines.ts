/** Of a line, on average. */
const charactersOfLine = 200;

/** The end of what a program has said, trimmed: its reason is there, and a message is not a log. */
export function lastLines(text: string, lines = 20): string {
  return text
    .slice(-lines * charactersOfLine)
    .trim()
    .split('\n')
    .slice(-lines)
    .join('\n');
}
