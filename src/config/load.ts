import { check } from './check';
import type { Config } from './config';
import { decode } from './decode';
import { expand } from './expand';
import type { Issue } from './issue';
import { parse } from './parse';
import { Positions } from './positions';
import { readSource } from './read';

/** What reading a cluster.yaml gives: a config, or at least one error. */
export interface LoadResult {
  /** Undefined when there is an error among the issues. */
  readonly config?: Config;
  /** All problems of the file, in its order. */
  readonly issues: readonly Issue[];
  /** Text of the file, for code frames. */
  readonly source: string;
}

/** Reads, decodes and checks a cluster.yaml. `name` is how the file is called in issues. Never throws. */
export function loadConfig(file: string, name = file): LoadResult {
  const { text, problem } = readSource(file);
  if (!problem) return { ...parseConfig(text, name), source: text };
  return { issues: [new Positions(name, text).issueAt(problem.span, problem)], source: text };
}

/** Decodes and checks the text of a cluster.yaml. */
export function parseConfig(text: string, name: string): Omit<LoadResult, 'source'> {
  const positions = new Positions(name, text);
  const parsed = parse(text);
  const syntax = parsed.complaints.map(([span, complaint]) => positions.issueAt(span, complaint));
  if (!parsed.contents) return { issues: syntax };

  const { value, aliases, complaints } = expand(parsed.contents);
  const structure = complaints.map(([span, complaint, other]) =>
    positions.issueAt(span, { ...complaint, ...(other && { hint: positions.otherLine(other) }) }),
  );
  if (value === undefined) return { issues: inOrder(structure) };

  positions.attach(parsed.contents, aliases);
  const { config, draft, issues } = decode(value, positions);
  const all = inOrder([...structure, ...issues, ...check(draft, positions)]);
  const valid = config && !all.some((issue) => issue.severity === 'error');
  return { ...(valid && { config }), issues: all };
}

/** By position; what an alias repeats is said once. */
function inOrder(issues: readonly Issue[]): Issue[] {
  const sorted = issues.toSorted((a, b) => a.line - b.line || a.column - b.column);
  return [
    ...new Map(sorted.map((issue) => [`${issue.line}:${issue.column}:${issue.message}`, issue])).values(),
  ];
}
