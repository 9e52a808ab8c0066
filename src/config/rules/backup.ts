import { canonicalAddress } from '../../net/address';
import { type Draft, isAbsent } from '../draft';
import { quote } from '../quote';
import { holdsSecret } from '../secret-text';
import { backupHosts, hostsWith, nodeIpsOf } from './known';
import type { Finding } from './rule';
import { isWithin } from './storage';

/**
 * A backup is lost with the folder it is in, and has the token, which clients of the export must not have.
 */
export function* separateBackups(config: Draft): Iterable<Finding> {
  const { backup, dataDir } = config.database ?? {};
  if (backup?.path === undefined || !isAbsent(backup, 'nfs')) return;
  const directory = backup.path;
  const path = ['database', 'backup', 'path'];
  const isOwn = hostsWith(config, 'database').length > 0;
  if (isOwn && dataDir !== undefined && (isWithin(directory, dataDir) || isWithin(dataDir, directory))) {
    yield {
      path,
      message: `backups in ${quote(directory)} would lie with the data in ${quote(dataDir)}: use a directory on another disk`,
    };
  }
  const exported = config.nfs?.path;
  const both = backupHosts(config).some(([, host]) => host.roles?.includes('nfs'));
  if (both && exported !== undefined && isWithin(directory, exported) && backup.recipients?.length === 0)
    yield { path, message: readByClients(directory, exported) };
}

/** Files on the network can be read by more people than those on the host. */
export function* backupsOverNetwork(config: Draft): Iterable<Finding> {
  const { nfs, recipients } = config.database?.backup ?? {};
  if (nfs?.server === undefined || nfs.path === undefined || recipients?.length !== 0) return;
  const path = ['database', 'backup', 'nfs'];
  const target = 'key';
  const exported = ownExports(config).find(({ servers }) => servers.includes(nameOfServer(nfs.server)))?.path;
  if (exported !== undefined && isWithin(nfs.path, exported))
    yield { path, target, message: readByClients(nfs.path, exported) };
  else
    yield {
      path,
      target,
      severity: 'warning',
      message: `backups go to ${quote(`${nfs.server}:${nfs.path}`)} unencrypted, and hold the token of the servers and every Secret: whoever can read them there or in transit controls the cluster, so set 'database.backup.recipients'`,
    };
}

/** cluster.yaml is in git, and so is what is made of it. */
export function* noSecretsInRepository(config: Draft): Iterable<Finding> {
  const { repository } = config.database?.backup?.offsite ?? {};
  if (repository !== undefined && holdsSecret(repository))
    yield {
      path: ['database', 'backup', 'offsite', 'repository'],
      target: 'key',
      message:
        "the value of 'repository' has a password in it, and this file is no place for that: take it out, and write 'RESTIC_REST_USERNAME=…' and 'RESTIC_REST_PASSWORD=…' as lines of 'secrets/restic.env'",
    };
}

function readByClients(directory: string, exported: string): string {
  return `backups in ${quote(directory)} can be read by whoever mounts the NFS export ${quote(exported)}, and hold the token: set 'database.backup.recipients', or another path`;
}

/** What the nodes mount, with the names of its server. */
function ownExports(config: Draft): { servers: string[]; path: string }[] {
  const { path, external } = config.nfs ?? {};
  const hosts = hostsWith(config, 'nfs').map(([index, host]) => ({
    servers: [host.name, host.address, ...nodeIpsOf([index, host]).map(({ ip }) => ip)],
    path,
  }));
  return [...hosts, { servers: [external?.server], path: external?.path }].flatMap((own) =>
    own.path === undefined
      ? []
      : [{ path: own.path, servers: own.servers.flatMap((name) => (name ? [nameOfServer(name)] : [])) }],
  );
}

function nameOfServer(name: string | undefined): string {
  return canonicalAddress(name ?? '').toLowerCase();
}
