import type { Config } from '../config/config';
import { loadConfig } from '../config/load';
import { renderIssues } from '../config/render';
import type { Terminal } from './terminal';

/** Reads cluster.yaml and prints every issue. Undefined when there is an error among them. */
export function loadOrReport(file: string, format: 'text' | 'json', terminal: Terminal): Config | undefined {
  const { config, issues, source } = loadConfig(file, terminal.display(file));
  if (format === 'json') terminal.print(JSON.stringify(issues, null, 2));
  else if (issues.length > 0) terminal.error(renderIssues(issues, source, { color: terminal.color }));
  return config;
}
