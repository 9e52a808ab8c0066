import type { Config } from '../config/config';
import type { Issue } from '../config/issue';
import { inOrder, type LoadResult, loadConfig } from '../config/load';
import { renderIssues } from '../config/render';
import type { ManifestProblem } from '../manifest-problems';
import { resolve } from '../model/resolve';
import { manifestProblems } from '../synth';
import type { Terminal } from './terminal';

/** Reads cluster.yaml and prints every issue. Undefined when there is an error among them. */
export function loadOrReport(file: string, terminal: Terminal): Config | undefined {
  const loaded = loadConfig(file, terminal.display(file));
  report(loaded.issues, loaded, terminal);
  return loaded.config;
}

/** The same, with what is wrong with manifests and patches. */
export function checkOrReport(file: string, terminal: Terminal): Config | undefined {
  const name = terminal.display(file);
  return checkedOrReport(loadConfig(file, name), name, terminal);
}

/** The same of one that was read. `name` is the name of the file in issues. */
export function checkedOrReport(loaded: LoadResult, name: string, terminal: Terminal): Config | undefined {
  const { config } = loaded;
  const found = config ? manifestProblems(resolve(config)) : [];
  const issues = [...loaded.issues, ...found.map((problem) => issueOf(problem, loaded))];
  report(inOrder(issues, name), loaded, terminal);
  return found.some(({ severity }) => severity === undefined) ? undefined : config;
}

/** Prints what has come up after cluster.yaml was read. */
export function reportProblems(problems: readonly ManifestProblem[], file: string, terminal: Terminal): void {
  const loaded = loadConfig(file, terminal.display(file));
  const issues = problems.map((problem) => issueOf(problem, loaded));
  report(inOrder(issues, terminal.display(file)), loaded, terminal);
}

function issueOf({ place, target, ...complaint }: ManifestProblem, { sources }: LoadResult): Issue {
  return sources.issue(place, complaint, target);
}

function report(issues: readonly Issue[], { sources }: LoadResult, terminal: Terminal): void {
  if (issues.length === 0) return;
  terminal.report({ problems: issues });
  terminal.error(renderIssues(issues, sources.textOf, { color: terminal.color }));
}
