import { writeFileSync } from 'node:fs';
import { diagramMermaid } from '../diagram/mermaid';
import { diagramSvg } from '../diagram/svg';
import { resolve } from '../model/resolve';
import type { Topology } from '../model/topology';
import { exitCodes } from './exit-codes';
import { fileOption } from './file-option';
import { loadOrReport } from './load';
import { outputFileError } from './output-file';
import { selectedHosts } from './selected-hosts';
import type { Terminal } from './terminal';

export interface DiagramOptions {
  /** cluster.yaml. */
  readonly file: string;
  /** File to write. @default - standard output */
  readonly output?: string;
  readonly format: 'svg' | 'mermaid';
  /** Whether standard output is a screen, on which SVG is no picture. */
  readonly onScreen: boolean;
  /** Names, groups and ranges of the agents to draw. @default - all */
  readonly hosts?: string | undefined;
}

/** `k3s-cdk diagram`: the cluster as a picture. Returns the exit code. */
export function diagramCommand(options: DiagramOptions, terminal: Terminal): number {
  const { file, output, format } = options;
  if (output === undefined && format === 'svg' && options.onScreen) {
    terminal.error(
      `error: a terminal shows no picture: write it to a file with 'k3s-cdk diagram${fileOption(file, terminal)} -o cluster.svg'`,
    );
    return 1;
  }
  const config = loadOrReport(file, terminal);
  if (!config) return 1;
  const selected = selectedHosts(options.hosts, config, terminal);
  if (!selected) return exitCodes.failed;
  const { only } = selected;
  const topology = resolve(config);
  const text = (format === 'svg' ? diagramSvg : diagramMermaid)(only ? drawn(topology, only) : topology);
  if (output === undefined) {
    terminal.output(text);
    return 0;
  }
  try {
    writeFileSync(output, text);
  } catch (error) {
    const reason = outputFileError(error, output);
    if (reason === undefined) throw error;
    terminal.error(`error: ${reason}`);
    return 1;
  }
  terminal.print(`wrote ${terminal.display(output)}`);
  return 0;
}

/** Without the other agents. Servers and hosts with data stay: arrows lead to them. */
function drawn(topology: Topology, only: ReadonlySet<string>): Topology {
  const agents = topology.agents.filter(({ name, roles }) => only.has(name) || roles.length > 1);
  return { ...topology, agents };
}
