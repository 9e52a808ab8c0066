import { count } from '../status/figures';
import { checkOrReport } from './load';
import type { Terminal } from './terminal';

/** `k3s-cdk validate`: checks cluster.yaml and writes nothing. Returns the exit code. */
export function validateCommand(file: string, terminal: Terminal): number {
  const config = checkOrReport(file, terminal);
  if (!config) return 1;
  terminal.print(`${terminal.display(file)}: valid (${count(config.hosts.length, 'host')})`);
  return 0;
}
