import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ManifestProblems } from '../manifest-problems';
import type { Topology } from '../model/topology';
import type { FileChange } from '../output/file-tree';
import { ManifestFolder } from '../output/manifest-folder';
import { writeAll } from '../output/output-folder';
import { StackFolder } from '../output/stack-folder';
import { type Outputs, synth } from '../synth';
import { UserError } from '../user-error';
import { fileErrorText } from './file-error';
import { reportProblems } from './load';
import type { Terminal } from './terminal';

/** More lines than this say nothing that a number does not. */
const listedChanges = 50;

/** Both outputs; undefined when something that cluster.yaml names cannot be used, which is printed. */
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

export interface WriteOutputsOptions {
  readonly hostsFolder: string;
  readonly clusterFolder: string;
  /** Write nothing, and report what differs as an error. */
  readonly check: boolean;
}

/** Writes both outputs and prints what changed. Whether anything did; undefined when it cannot be written. */
export function writeOutputs(
  outputs: Outputs,
  { hostsFolder, clusterFolder, check }: WriteOutputsOptions,
  terminal: Terminal,
): boolean | undefined {
  try {
    // The one that may be a mount point comes first: if its exchange fails, the other output must still be as
    // it was.
    const cluster = { output: new ManifestFolder(clusterFolder), tree: outputs.cluster };
    const hosts = { output: new StackFolder(hostsFolder), tree: outputs.hosts };
    const changes = {
      hosts: check && isClone(hostsFolder, clusterFolder) ? [] : hosts.output.changes(hosts.tree),
      cluster: cluster.output.changes(cluster.tree),
    };
    if (!check) writeAll([cluster, hosts]);
    const changed = (folder: string, { kind, path }: FileChange) => ({
      kind,
      path: terminal.display(join(folder, path)),
    });
    terminal.report({
      changes: [
        ...changes.hosts.map((change) => changed(hostsFolder, change)),
        ...changes.cluster.map((change) => changed(clusterFolder, change)),
      ],
    });
    const say = (line: string) => (check ? terminal.error(line) : terminal.print(line));
    report(changes.hosts, terminal.display(hostsFolder), say);
    report(changes.cluster, terminal.display(clusterFolder), say);
    return changes.hosts.length + changes.cluster.length > 0;
  } catch (error) {
    const reason = fileErrorText(error);
    if (reason === undefined) throw error;
    terminal.error(`error: cannot write the outputs: ${reason}`);
    terminal.error('the previous outputs were not changed');
    return undefined;
  }
}

/** Whether git brought one output and not the other, which it ignores. */
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
