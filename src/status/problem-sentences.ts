import type { Problem } from './problem';

export interface ProblemSentence {
  readonly severity: Problem['severity'];
  readonly text: string;
}

/** A problem of several hosts is reported once, unless it matters more on some of them. */
export function problemSentences(problems: readonly Problem[]): ProblemSentence[] {
  const sentences = new Map<string, { severity: Problem['severity']; message: string; hosts: string[] }>();
  for (const { severity, host, message } of problems) {
    const key = `${severity} ${message}`;
    const sentence = sentences.get(key) ?? { severity, message, hosts: [] };
    if (host !== undefined) sentence.hosts.push(host);
    sentences.set(key, sentence);
  }
  return [...sentences.values()].map(({ message, severity, hosts }) => ({
    severity,
    text: hosts.length === 0 ? message : `${hosts.join(', ')}: ${message}`,
  }));
}
