/** Of a line, on average. */
const charactersOfLine = 200;

/** The end of what a program has said, trimmed: its reason is there, and a message is no log. */
export function lastWords(text: string, lines = 20): string {
  return text
    .slice(-lines * charactersOfLine)
    .trim()
    .split('\n')
    .slice(-lines)
    .join('\n');
}
