import { codeFrame } from './code-frame';
import type { Issue } from './issue';

const ansi = { error: '31', warning: '33', bold: '1', dim: '2' } as const;

/**
 * `file:line:column: error: sentence` per issue, each with the line it is about, a run of carets and the hint; at the
 * end how many there are.
 */
export function renderIssues(
  issues: readonly Issue[],
  source: string,
  { color }: { color: boolean },
): string {
  const paint = (style: keyof typeof ansi, text: string) =>
    color ? `\u001b[${ansi[style]}m${text}\u001b[0m` : text;
  const lines = source.split('\n');
  const paragraphs = issues.map(({ severity, message, hint, file, line, column, length }) => {
    const head = `${paint('bold', `${file}:${line}:${column}:`)} ${paint(severity, `${severity}:`)} ${message}`;
    const frame = codeFrame(lines[line - 1] ?? '', line, column, length);
    return [
      head,
      ...(frame
        ? [
            `${paint('dim', frame.gutter)}${frame.code}`,
            `${paint('dim', frame.margin)}${paint(severity, frame.carets)}`,
          ]
        : []),
      ...(hint === undefined ? [] : [`${frame ? paint('dim', frame.margin) : '  '}hint: ${hint}`]),
    ].join('\n');
  });
  return [...paragraphs, summary(issues)].join('\n\n');
}

function summary(issues: readonly Issue[]): string {
  const count = (severity: Issue['severity']) => {
    const number = issues.filter((issue) => issue.severity === severity).length;
    return `${number} ${severity}${number === 1 ? '' : 's'}`;
  };
  return `${count('error')}, ${count('warning')}`;
}
