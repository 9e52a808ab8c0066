import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ManifestProblems } from '../manifest-problems';
import type { Topology } from '../model/topology';
import type { FileChange } from '../output/file-tree';
import { anyFile, ManifestFolder } from '../output/manifest-folder';
import { writeAll } from '../output/output-folder';
import { StackFolder } from '../output/stack-folder';
import { type Outputs, synth } from '../synth';
import { UserError } from '../user-error';
import { fileErrorText } from './file-error';
import { reportProblems } from './load';
import type { Terminal } from './terminal';

/** More lines than this say nothing that a number does not. */
const listedChanges = 50;

/** All outputs; undefined when something that cluster.yaml names cannot be used, which is printed. */
export function synthOrReport(topology: Topology, file: string, terminal: Terminal): Outputs | undefined {
  try {
    return synth(topology);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    if (error instanceof ManifestProblems) reportProblems(error.problems, file, terminal);
    else terminal.error(`${terminal.display(file)}: error: ${error.message}`);
    return undefined;
  }
}

/** Where outputs are written to. */
export interface OutputFolders {
  readonly hostsFolder: string;
  readonly clusterFolder: string;
  /** Of what people read about hosts. */
  readonly textFolder: string;
}

/** Those below a folder. */
export function outputFolders(folder: string): OutputFolders {
  return {
    hostsFolder: join(folder, 'cdktf.out'),
    clusterFolder: join(folder, 'dist'),
    textFolder: join(folder, 'hosts'),
  };
}

export interface WriteOutputsOptions extends OutputFolders {
  /** Write nothing, and report what differs as an error. */
  readonly check: boolean;
}

/** Writes all outputs and prints what changed. Whether anything did; undefined when it cannot be written. */
export function writeOutputs(
  outputs: Outputs,
  { hostsFolder, clusterFolder, textFolder, check }: WriteOutputsOptions,
  terminal: Terminal,
): boolean | undefined {
  try {
    // The ones that may be mount points come first: if their exchange fails, the other output must still be as
    // it was.
    const written = [
      { folder: clusterFolder, output: new ManifestFolder(clusterFolder), tree: outputs.cluster },
      { folder: textFolder, output: new ManifestFolder(textFolder, 'synth', anyFile), tree: outputs.text },
      { folder: hostsFolder, output: new StackFolder(hostsFolder), tree: outputs.hosts },
    ];
    const compared = check && isClone(hostsFolder, clusterFolder) ? written.slice(0, -1) : written;
    const changes = compared
      .map(({ folder, output, tree }) => ({ folder, changes: output.changes(tree) }))
      .reverse();
    if (!check) writeAll(written);
    terminal.report({
      changes: changes.flatMap(({ folder, changes }) =>
        changes.map(({ kind, path }) => ({ kind, path: terminal.display(join(folder, path)) })),
      ),
    });
    const say = (line: string) => (check ? terminal.error(line) : terminal.print(line));
    for (const { folder, changes: those } of changes) report(those, terminal.display(folder), say);
    return changes.some(({ changes }) => changes.length > 0);
  } catch (error) {
    const reason = fileErrorText(error);
    if (reason === undefined) throw error;
    terminal.error(`error: cannot write the outputs: ${reason}`);
    terminal.error('the previous outputs were not changed');
    return undefined;
  }
}

/** Whether git brought `dist` and not `cdktf.out`, which it ignores. */
function isClone(hostsFolder: string, clusterFolder: string): boolean {
  return !existsSync(hostsFolder) && existsSync(clusterFolder);
}

function report(changes: readonly FileChange[], folder: string, print: (line: string) => void): void {
  // A new output: listing its names would say nothing.
  if (changes.length > listedChanges && changes.every(({ kind }) => kind === 'added')) {
    print(`added    ${folder}, ${changes.length} files`);
    return;
  }
  for (const { kind, path } of changes.slice(0, listedChanges))
    print(`${kind.padEnd(8)} ${join(folder, path)}`);
  if (changes.length > listedChanges) print(`… and ${changes.length - listedChanges} more in ${folder}`);
}
