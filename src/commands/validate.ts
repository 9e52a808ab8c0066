import { count } from '../status/figures';
import { checkOrReport } from './load';
import type { Terminal } from './terminal';

/** `k3s-cdk validate`: checks cluster.yaml and writes nothing. Returns the exit code. */
export function validateCommand(file: string, format: 'text' | 'json', terminal: Terminal): number {
  const config = checkOrReport(file, format, terminal);
  if (!config) return 1;
  if (format === 'text')
    terminal.print(`${terminal.display(file)}: valid (${count(config.hosts.length, 'host')})`);
  return 0;
}
