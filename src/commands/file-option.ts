import { shellWord } from '../model/shell-quote';
import type { Terminal } from './terminal';

/** Which cluster a command is about by default. */
export const defaultFile = 'cluster.yaml';

/** ` -f lab/cluster.yaml`, the end of commands that are printed; nothing for the file that they take anyway. */
export function fileOption(file: string, terminal: Pick<Terminal, 'display'>): string {
  const shown = terminal.display(file);
  return shown === defaultFile ? '' : ` -f ${shellWord(shown)}`;
}
