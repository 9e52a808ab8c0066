import { writeFileSync } from 'node:fs';
import { resolve as absolute, basename, dirname } from 'node:path';
import type { Issue } from '../../config/issue';
import { parseConfig } from '../../config/load';
import { makeFolder } from '../../files/make-folder';
import { shellWord } from '../../model/shell-quote';
import { fileErrorText } from '../file-error';
import { fileOption } from '../file-option';
import type { ProgramFiles } from '../program-files';
import type { Terminal } from '../terminal';
import type { ClusterFlags } from './flags';
import { gather, type LocalEnvironment } from './gather';
import { renderCluster } from './render';
import { ensureSchema } from './schema-path';

export interface CreateOptions {
  /** Path of the new file; nothing is there yet. */
  readonly file: string;
  readonly flags: ClusterFlags;
  readonly environment: Omit<LocalEnvironment, 'folderName'>;
  /** This program's own. */
  readonly files: ProgramFiles;
}

/** Writes a first cluster.yaml. Returns whether there is one now; all obstacles have been reported. */
export async function createCluster(options: CreateOptions, terminal: Terminal): Promise<boolean> {
  const { file, flags, environment, files } = options;
  const folder = dirname(absolute(file));
  const gathered = await gather(flags, { ...environment, folderName: basename(folder) });
  const refuse = (problems: readonly string[]) => {
    for (const sentence of problems) terminal.error(`error: ${sentence}`);
    terminal.error('nothing was written');
    if (gathered.said)
      terminal.error(`to continue with your answers: ${commandFor(gathered.said, file, terminal)}`);
    return false;
  };
  if ('problems' in gathered) return refuse(gathered.problems);

  const { cluster, assumed } = gathered;
  // Before anything is written: invalid options make no cluster.yaml.
  const { issues } = parseConfig(renderCluster(cluster, './cluster.schema.json'), basename(file));
  const messages = (wanted: Issue['severity']) =>
    issues.filter(({ severity }) => severity === wanted).map(({ message }) => message);
  if (messages('error').length > 0) return refuse(messages('error'));
  try {
    makeFolder(folder);
    writeFileSync(file, renderCluster(cluster, ensureSchema(folder, files)), { flag: 'wx' });
  } catch (error) {
    const reason = fileErrorText(error);
    if (reason === undefined) throw error;
    return refuse([`cannot write ${terminal.display(file)}: ${reason}`]);
  }
  terminal.print(`created  ${terminal.display(file)}: ${cluster.hosts.map(({ name }) => name).join(', ')}`);
  for (const sentence of messages('warning')) terminal.error(`warning: ${sentence}`);
  for (const sentence of assumed) terminal.print(`assumed: ${sentence}`);
  if (cluster.pools.length === 0)
    terminal.print('open: addresses for services of type LoadBalancer: see metallb in the file');
  return true;
}

/** The command with options instead of the given answers. */
function commandFor(
  { name, server, agent, pool, database, nfs, vip, user, sshKey }: ClusterFlags,
  file: string,
  terminal: Pick<Terminal, 'display'>,
): string {
  const options: [option: string, values: readonly (string | undefined)[]][] = [
    ['--user', [user]],
    ['--ssh-key', [sshKey]],
    ['--server', server],
    ['--agent', agent],
    ['--database', [database]],
    ['--nfs', [nfs]],
    ['--vip', [vip]],
    ['--pool', pool],
  ];
  const words = options.flatMap(([option, values]) =>
    values.flatMap((value) => (value === undefined ? [] : [option, shellWord(value)])),
  );
  return (
    ['k3s-cdk init', ...(name === undefined ? [] : [shellWord(name)]), ...words].join(' ') +
    fileOption(file, terminal)
  );
}
