import { writeFileSync } from 'node:fs';
import { diagramMermaid } from '../diagram/mermaid';
import { diagramSvg } from '../diagram/svg';
import { resolve } from '../model/resolve';
import { fileErrorText } from './file-error';
import { loadOrReport } from './load';
import type { Terminal } from './terminal';

export interface DiagramOptions {
  /** cluster.yaml. */
  readonly file: string;
  /** File to write. @default - standard output */
  readonly output?: string;
  readonly format: 'svg' | 'mermaid';
}

/** `k3s-cdk diagram`: the cluster as a picture. Returns the exit code. */
export function diagramCommand({ file, output, format }: DiagramOptions, terminal: Terminal): number {
  const config = loadOrReport(file, 'text', terminal);
  if (!config) return 1;
  const text = (format === 'svg' ? diagramSvg : diagramMermaid)(resolve(config));
  if (output === undefined) {
    terminal.print(text.trimEnd());
    return 0;
  }
  try {
    writeFileSync(output, text);
  } catch (error) {
    const reason = fileErrorText(error);
    if (reason === undefined) throw error;
    terminal.error(`error: cannot write ${terminal.display(output)}: ${reason}`);
    return 1;
  }
  terminal.print(`wrote ${terminal.display(output)}`);
  return 0;
}
