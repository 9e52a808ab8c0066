import { styled } from '../programs/style';
import { codeFrame } from './code-frame';
import type { Issue } from './issue';
import { showsSecret } from './secret-text';

const severityStyles = { error: 'red', warning: 'yellow' } as const;

/**
 * `file:line:column: error: sentence` per issue, each with the line it is about (unless that may show a secret), a run of
 * carets and the hint; at the end how many there are.
 *
 * @param textOf the text of a file that issues name
 */
export function renderIssues(
  issues: readonly Issue[],
  textOf: (file: string) => string,
  { color }: { color: boolean },
): string {
  const dim = (text: string) => styled('dim', text, { color });
  const files = new Map<string, readonly string[]>();
  const linesOf = (file: string) => {
    const lines = files.get(file) ?? textOf(file).split('\n');
    files.set(file, lines);
    return lines;
  };
  const paragraphs = issues.map(({ severity, message, hint, file, line, column, length }) => {
    const inColor = (text: string) => styled(severityStyles[severity], text, { color });
    const position = styled('bold', `${file}:${line}:${column}:`, { color });
    const head = `${position} ${inColor(`${severity}:`)} ${message}`;
    const source = linesOf(file)[line - 1] ?? '';
    const frame = showsSecret(source) ? undefined : codeFrame(source, line, column, length);
    return [
      head,
      ...(frame ? [`${dim(frame.gutter)}${frame.code}`, `${dim(frame.margin)}${inColor(frame.carets)}`] : []),
      ...(hint === undefined ? [] : [`${frame ? dim(frame.margin) : '  '}hint: ${hint}`]),
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
