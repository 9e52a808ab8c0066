import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import type { Config } from './config';
import type { Issue } from './issue';
import { cluster } from './schema/cluster';

/** What reading a cluster.yaml gives: a config, or at least one error. */
export interface LoadResult {
  /** Undefined when there is an error among the issues. */
  readonly config?: Config;
  readonly issues: readonly Issue[];
  /** Text of the file, for code frames. */
  readonly source: string;
}

/** Reads, decodes and checks a cluster.yaml. `name` is how the file is called in issues. */
export function loadConfig(file: string, name = file): LoadResult {
  const source = readFileSync(file, 'utf8');
  const result = cluster.safeParse(parseDocument(source).toJS());
  if (result.success) return { config: result.data, issues: [], source };
  return {
    issues: result.error.issues.map((issue) => ({
      severity: 'error',
      code: issue.code,
      file: name,
      line: 1,
      column: 1,
      length: 1,
      path: issue.path.join('.'),
      message: issue.message,
    })),
    source,
  };
}
