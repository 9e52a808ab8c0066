import { dirname, join } from 'node:path';
import { InputError } from '../model/input-error';
import type { Topology } from '../model/topology';
import type { FileChange, FileTree } from '../output/file-tree';
import { ManifestFolder } from '../output/manifest-folder';
import type { OutputFolder } from '../output/output-folder';
import { StackFolder, stackPath } from '../output/stack-folder';
import { type Outputs, synth } from '../synth';
import { fileErrorText } from './file-error';
import { loadOrReport } from './load';
import type { Terminal } from './terminal';
import { topologyOf } from './topology';

export interface SynthOptions {
  /** cluster.yaml. */
  readonly file: string;
  /**
   * Folder that gets `cdktf.out` and `dist`; `secrets/` and the state are beside them. @default - the folder of `file`
   */
  readonly out?: string;
  /** Folder of the hosts output. @default - `cdktf.out` in `out` */
  readonly hostsFolder?: string;
  /** Folder of the cluster output. @default - `dist` in `out` */
  readonly clusterFolder?: string;
  /** Change nothing; fail when the outputs are stale. */
  readonly check: boolean;
  readonly format: 'text' | 'json';
}

/** More lines than this say nothing that a number does not. */
const listedChanges = 50;

/** `k3s-cdk synth`: cluster.yaml becomes `cdktf.out/` and `dist/`. Returns the exit code. */
export function synthCommand(options: SynthOptions, terminal: Terminal): number {
  const config = loadOrReport(options.file, options.format, terminal);
  if (!config) return 1;
  const project = dirname(options.file);
  const hostsFolder = options.hostsFolder ?? join(options.out ?? project, 'cdktf.out');
  const clusterFolder = options.clusterFolder ?? join(options.out ?? project, 'dist');
  const outputs = synthOrReport(topologyOf(config, options.file, terminal), options.file, terminal);
  if (!outputs) return 1;
  const targets: [string, OutputFolder, FileTree][] = [
    [hostsFolder, new StackFolder(hostsFolder), outputs.hosts],
    [clusterFolder, new ManifestFolder(clusterFolder), outputs.cluster],
  ];
  let changed = false;
  for (const [folder, output, tree] of targets) {
    try {
      const changes = output.changes(tree);
      changed ||= changes.length > 0;
      if (!options.check) output.write(tree);
      report(changes, terminal.display(folder), (line) =>
        options.check ? terminal.error(line) : terminal.print(line),
      );
    } catch (error) {
      const reason = fileErrorText(error);
      if (reason === undefined) throw error;
      terminal.error(`error: cannot write ${terminal.display(folder)}: ${reason}`);
      terminal.error('what was there before is untouched');
      return 1;
    }
  }
  if (options.check) {
    if (changed)
      terminal.error(
        `error: the outputs are stale: run 'k3s-cdk synth -f ${terminal.display(options.file)}'`,
      );
    return changed ? 1 : 0;
  }
  if (!changed) terminal.print('nothing changed');
  const stack = terminal.display(join(hostsFolder, stackPath));
  terminal.print('next:');
  terminal.print(`  terraform -chdir=${stack} init && terraform -chdir=${stack} apply`);
  terminal.print(`  kubectl apply -f ${terminal.display(clusterFolder)}`);
  return 0;
}

function synthOrReport(topology: Topology, file: string, terminal: Terminal): Outputs | undefined {
  try {
    return synth(topology);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    terminal.error(`${terminal.display(file)}: error: ${error.message}`);
    return undefined;
  }
}

function report(changes: readonly FileChange[], folder: string, print: (line: string) => void): void {
  for (const { kind, path } of changes.slice(0, listedChanges))
    print(`${kind.padEnd(8)} ${join(folder, path)}`);
  if (changes.length > listedChanges) print(`… and ${changes.length - listedChanges} more in ${folder}`);
}
