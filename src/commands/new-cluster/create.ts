import { writeFileSync } from 'node:fs';
import { resolve as absolute, basename, dirname } from 'node:path';
import { parseConfig } from '../../config/load';
import { makeFolder } from '../../files/make-folder';
import { fileErrorText } from '../file-error';
import type { Terminal } from '../terminal';
import type { ClusterFlags } from './flags';
import { type Gathered, gather, type LocalEnvironment } from './gather';
import { renderCluster } from './render';
import { ensureSchema } from './schema-path';

export interface CreateOptions {
  /** Where it is going to be; nothing is there yet. */
  readonly file: string;
  readonly flags: ClusterFlags;
  readonly environment: Omit<LocalEnvironment, 'folderName'>;
  /** Folder of this program. */
  readonly packageRoot: string;
}

/** Writes a first cluster.yaml. Returns whether there is one now; everything that is in the way has been said. */
export async function createCluster(options: CreateOptions, terminal: Terminal): Promise<boolean> {
  const { file, flags, environment, packageRoot } = options;
  const folder = dirname(absolute(file));
  const gathered = await gather(flags, { ...environment, folderName: basename(folder) });
  if ('problems' in gathered) return refuse(gathered.problems, terminal);

  const { cluster, assumed } = gathered;
  // Before anything is written: options that fit no cluster are no cluster.yaml.
  const { issues } = parseConfig(renderCluster(cluster, './cluster.schema.json'), basename(file));
  if (issues.length > 0)
    return refuse(
      issues.map(({ message }) => message),
      terminal,
    );
  try {
    makeFolder(folder);
    writeFileSync(file, renderCluster(cluster, ensureSchema(folder, packageRoot)), { flag: 'wx' });
  } catch (error) {
    const reason = fileErrorText(error);
    if (reason === undefined) throw error;
    return refuse([`cannot write ${terminal.display(file)}: ${reason}`], terminal);
  }
  terminal.print(`created  ${terminal.display(file)}: ${cluster.hosts.map(({ name }) => name).join(', ')}`);
  for (const sentence of assumed) terminal.print(`assumed: ${sentence}`);
  if (cluster.pools.length === 0)
    terminal.print('open: addresses for services of type LoadBalancer: see metallb in the file');
  return true;
}

function refuse(problems: Extract<Gathered, { problems: unknown }>['problems'], terminal: Terminal): false {
  for (const sentence of problems) terminal.error(`error: ${sentence}`);
  terminal.error('nothing was written');
  return false;
}
