import type { Issue } from './issue';

/** `file:line:column: error: sentence`, one paragraph per issue. */
export function renderIssues(
  issues: readonly Issue[],
  _source: string,
  _options: { color: boolean },
): string {
  return issues.map((i) => `${i.file}:${i.line}:${i.column}: ${i.severity}: ${i.message}`).join('\n');
}
