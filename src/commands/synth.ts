import { dirname } from 'node:path';
import { shellWord } from '../model/shell-quote';
import { fileOption } from './file-option';
import { checkOrReport } from './load';
import { outputFolders, synthOrReport, writeOutputs } from './outputs';
import type { Terminal } from './terminal';
import { terraformCommand } from './terraform-command';
import { topologyOf } from './topology';

export interface SynthOptions {
  /** cluster.yaml. */
  readonly file: string;
  /**
   * Folder that gets `cdktf.out`, `dist` and `hosts`; `secrets/` and the state are beside them. @default - the folder of `file`
   */
  readonly out?: string;
  /** Folder of the hosts output. @default - `cdktf.out` in `out` */
  readonly hostsFolder?: string;
  /** Folder of the cluster output. @default - `dist` in `out` */
  readonly clusterFolder?: string;
  /** Change nothing; fail when the outputs are out of date. */
  readonly check: boolean;
}

export interface SynthContext {
  /** Environment in which Terraform is looked for. */
  readonly environment: NodeJS.ProcessEnv;
}

/** `k3s-cdk synth`: cluster.yaml becomes `cdktf.out/` and `dist/`, and `hosts/` for people. Returns the exit code. */
export function synthCommand(
  options: SynthOptions,
  { environment }: SynthContext,
  terminal: Terminal,
): number {
  const config = checkOrReport(options.file, terminal);
  if (!config) return 1;
  const folders = outputFolders(options.out ?? dirname(options.file));
  const { hostsFolder = folders.hostsFolder, clusterFolder = folders.clusterFolder, check } = options;
  const outputs = synthOrReport(topologyOf(config, options.file, terminal), options.file, terminal);
  if (!outputs) return 1;
  const changed = writeOutputs(outputs, { ...folders, hostsFolder, clusterFolder, check }, terminal);
  if (changed === undefined) return 1;
  if (check) {
    if (changed)
      terminal.error(
        `error: the outputs are out of date: run 'k3s-cdk synth${fileOption(options.file, terminal)}${outOption(options)}'`,
      );
    return changed ? 1 : 0;
  }
  if (!changed) terminal.print('nothing changed');
  const terraform = terraformCommand(hostsFolder, environment, terminal);
  terminal.print('next:');
  terminal.print(`  ${terraform} init && ${terraform} apply`);
  terminal.print(`  kubectl apply -f ${shellWord(terminal.display(clusterFolder))}`);
  return 0;
}

function outOption({ out }: SynthOptions): string {
  return out === undefined ? '' : ` -o ${shellWord(out)}`;
}
