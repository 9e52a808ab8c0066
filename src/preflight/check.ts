import type { Problem } from '../status/problem';

/** One thing that was checked, and what was found. */
export interface Check {
  /** A program, a host, or what else it is about, in a word or two. */
  readonly what: string;
  readonly state: 'ok' | Problem['severity'];
  /** For people; empty when its problems say everything. */
  readonly found: string;
  readonly problems: readonly Problem[];
}

export function check(what: string, found: string, problems: readonly Problem[]): Check {
  const severities = new Set(problems.map(({ severity }) => severity));
  const state = severities.has('error') ? 'error' : severities.has('warning') ? 'warning' : 'ok';
  return { what, state, found, problems };
}
