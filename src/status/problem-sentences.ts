import type { Problem } from './problem';

export interface ProblemSentence {
  readonly severity: Problem['severity'];
  readonly text: string;
}

/** A problem of several hosts is reported once. */
export function problemSentences(problems: readonly Problem[]): ProblemSentence[] {
  const byMessage = new Map<string, { severity: Problem['severity']; hosts: string[] }>();
  for (const { severity, host, message } of problems) {
    const sentence = byMessage.get(message) ?? { severity, hosts: [] };
    if (host !== undefined) sentence.hosts.push(host);
    byMessage.set(message, sentence);
  }
  return [...byMessage].map(([message, { severity, hosts }]) => ({
    severity,
    text: hosts.length === 0 ? message : `${hosts.join(', ')}: ${message}`,
  }));
}
