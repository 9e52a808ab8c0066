import { databaseServiceUser } from '../model/database';
import { shellQuote } from '../model/shell-quote';
import type { Host, Topology } from '../model/topology';
import { lastWords } from '../programs/last-words';
import folders from '../roles/lib/lib-folders.sh';
import { bashAsRoot, type SshClient } from '../ssh/client';
import purgeData from './scripts/purge-data.sh';

/** A large NFS folder on a small disk. */
const timeoutMs = 60 * 60 * 1000;

/** Of what a host says that it has deleted. */
const mostLines = 500;

/** What a cluster has stored on one host. */
export interface StoredData {
  readonly host: Host;
  /** What is deleted, for people, a line each. */
  readonly what: readonly string[];
  /** What is not. */
  readonly stays: readonly string[];
  /** Inputs of the script. */
  readonly inputs: Readonly<Record<string, string>>;
}

/** Where a cluster keeps data: hosts with a database, volumes or disks of their own. */
export function storedData(topology: Topology): StoredData[] {
  const { name, database, databases, nfs } = topology;
  return topology.hosts.flatMap((host) => {
    const isDatabase = databases.includes(host);
    // On another machine's export they are that machine's.
    const backups = isDatabase && database.backup.nfs === undefined ? database.backup.path : '';
    const exported = nfs?.host === host ? nfs : undefined;
    const volumes = exported && !exported.adopt ? exported.path : '';
    const what = [
      ...(isDatabase ? [`${database.dataDir}: the database, all objects of the cluster`] : []),
      ...(backups === '' ? [] : [`${backups}: the backups`]),
      ...(volumes === '' ? [] : [`${volumes}: the volumes of all pods`]),
    ];
    const stays = exported?.adopt ? [`${exported.path}: 'nfs.adopt' is set, so it is its owner's`] : [];
    if (what.length === 0 && stays.length === 0) return [];
    const inputs = {
      CLUSTER: name,
      DATA_DIR: isDatabase ? database.dataDir : '',
      SERVICE_USER: databaseServiceUser,
      BACKUP_DIR: backups,
      EXPORT_PATH: volumes,
      MOUNTS: host.disks.map(({ mount }) => mount).join('\n'),
    };
    return [{ host, what, stays, inputs }];
  });
}

/**
 * Deletes it.
 *
 * @returns what is gone, and what is left there because it is not the cluster's, a line each
 * @throws SshError when the host cannot be reached, Error in words when something stays
 */
export async function purge({ host, inputs }: StoredData, ssh: Pick<SshClient, 'run'>): Promise<string[]> {
  const assignments = Object.entries(inputs).map(([name, value]) => `${name}=${shellQuote(value)}\n`);
  const input = `${assignments.join('')}${folders}\n${purgeData}`;
  const { exitCode, stdout, stderr } = await ssh.run(host, bashAsRoot, { input, timeoutMs });
  if (exitCode !== 0) throw new Error(`${host.name}: ${lastWords(stderr) || `exit code ${exitCode}`}`);
  return lastWords(stdout, mostLines).split('\n').filter(Boolean);
}
