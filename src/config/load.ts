import { dirname } from 'node:path';
import { check } from './check';
import type { Config } from './config';
import { decode } from './decode';
import { expand } from './expand';
import { expandHosts } from './expand-hosts';
import type { Issue } from './issue';
import { checkObjects } from './objects/check-objects';
import { readObjects } from './objects/read-objects';
import { parse } from './parse';
import { formatPath } from './path';
import { Positions } from './positions';
import { type ReadBytes, readSource } from './read';
import { sharedIssues } from './shared-issues';
import { Sources } from './sources';
import { readStepFiles } from './steps/read-step-files';

/** The result of reading a cluster.yaml: a config, or at least one error. */
export interface LoadResult {
  /** Undefined when there is an error among the issues. */
  readonly config?: Config;
  /** All problems of the file, in its order. */
  readonly issues: readonly Issue[];
  /** The file and those that it names, for code frames and for what is found out later. */
  readonly sources: Sources;
}

/**
 * Reads, decodes and checks a cluster.yaml. Never throws.
 *
 * @param name of the file in issues
 * @param read where it and what it names are read from. @default - the disk
 */
export function loadConfig(file: string, name = file, read?: ReadBytes): LoadResult {
  const { text, problem } = readSource(file, undefined, read);
  if (!problem) return parseConfig(text, name, dirname(file), read);
  const positions = new Positions(name, text);
  return { issues: [positions.issueAt(problem.span, problem)], sources: new Sources(positions) };
}

/**
 * Decodes and checks the text of a cluster.yaml.
 *
 * @param folder what the paths in it are relative to
 */
export function parseConfig(text: string, name: string, folder = '.', read?: ReadBytes): LoadResult {
  const positions = new Positions(name, text);
  const sources = new Sources(positions);
  const parsed = parse(text);
  const syntax = parsed.complaints.map(([span, complaint]) => positions.issueAt(span, complaint));
  if (!parsed.contents) return { issues: syntax, sources };

  const { value, aliases, complaints } = expand(parsed.contents);
  const structure = complaints.map(([span, complaint, other]) =>
    positions.issueAt(span, { ...complaint, ...(other && { hint: positions.otherLine(other) }) }),
  );
  if (value === undefined) return { issues: inOrder(structure, name), sources };

  positions.attach(parsed.contents, aliases);
  const hosts = expandHosts(value);
  const ofHosts = hosts.complaints.map(([path, complaint]) => positions.issueAtPath(path, complaint));
  positions.relocate(hosts.origins);
  const { config, draft, issues: decoded } = decode(hosts.value, positions);
  const hidden = new Set(hosts.hidden.map(formatPath));
  const issues = decoded.filter(({ path }) => !hidden.has(path));
  const written = readObjects(draft?.manifests, { folder, name, sources, read });
  const checked = checkObjects(written.objects, sources, draft?.metallb !== undefined);
  const steps = readStepFiles(draft?.steps, { folder, name, sources, read });
  const ofObjects = [...written.issues, ...checked.issues];
  const whole = ofObjects.every(({ severity }) => severity !== 'error');
  const objects = whole && draft?.manifests ? checked.objects : undefined;
  const ofRules = check(draft && { ...draft, objects, stepTexts: steps.texts }, positions);
  const shared = sharedIssues([...issues, ...ofRules], hosts.origins);
  const all = inOrder([...structure, ...ofHosts, ...shared, ...ofObjects, ...steps.issues], name);
  const valid = config && objects && !all.some((issue) => issue.severity === 'error');
  return { ...(valid && { config: { ...config, objects, stepTexts: steps.texts } }), issues: all, sources };
}

/** By position, cluster.yaml first; what an alias repeats is said once. */
export function inOrder(issues: readonly Issue[], name: string): Issue[] {
  const file = (issue: Issue) => (issue.file === name ? '' : issue.file);
  const sorted = issues.toSorted(
    (a, b) => file(a).localeCompare(file(b), 'en') || a.line - b.line || a.column - b.column,
  );
  const key = ({ file, line, column, message }: Issue) => `${file}:${line}:${column}:${message}`;
  return [...new Map(sorted.map((issue) => [key(issue), issue])).values()];
}
