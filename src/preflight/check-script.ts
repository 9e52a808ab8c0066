import { releaseFolder } from '../model/artifacts';
import { shellQuote } from '../model/shell-quote';
import type { Host, Topology } from '../model/topology';
import databaseUser from '../roles/database/lib-database-user.sh';
import { diskLines } from '../roles/disks/disk-lines';
import disks from '../roles/disks/lib-disks.sh';
import lib from '../roles/lib/lib.sh';
import folders from '../roles/lib/lib-folders.sh';
import memoryCgroup from '../roles/lib/lib-memory-cgroup.sh';
import packages from '../roles/lib/lib-packages.sh';
import token from '../roles/lib/lib-token.sh';
import kernel from '../roles/prepare/lib-kernel.sh';
import others from '../roles/prepare/lib-others.sh';
import preflight from '../roles/prepare/lib-preflight.sh';
import { freeSpace, listeningPorts, takenOver } from '../roles/roles';
import checks from './checks.sh';

const scripts = [
  lib,
  packages,
  preflight,
  others,
  kernel,
  memoryCgroup,
  disks,
  folders,
  databaseUser,
  token,
  checks,
];

/** What the operator has in `secrets/`, as far as hosts are compared with it. */
export interface OperatorSecrets {
  /** Hashes of the servers' tokens. */
  readonly tokens: readonly string[];
  /** Hash of the public key of the database's CA; empty without one. */
  readonly authority: string;
}

/** The script that checks a host before anything is done to it, for a bash that reads its standard input as root. */
export function checkScript(topology: Topology, host: Host, { tokens, authority }: OperatorSecrets): string {
  const isServer = host.roles.includes('server');
  const inputs: Record<string, string> = {
    HOST: host.name,
    NODE: host.kind === 'none' ? 'no' : 'yes',
    DATABASE: host.roles.includes('database') ? 'yes' : 'no',
    ARCH: releaseFolder(host, topology)?.arch ?? '',
    PORTS: listeningPorts(host, topology).join(' '),
    MIN_FREE_MB: String(freeSpace(host, topology)),
    TAKES_OVER: takenOver(host, topology).join(' '),
    DISKS: diskLines(host),
    SERVER: isServer ? 'yes' : 'no',
    TOKENS: tokens.join(','),
    DATA_DIR: host.roles.includes('database') ? topology.database.dataDir : '',
    EXPORT_PATH: topology.nfs?.host === host ? topology.nfs.path : '',
    ADOPT: String(topology.nfs?.adopt ?? false),
    AUTHORITY: authority,
    VIRTUAL_IP: isServer ? (topology.api.loadBalancer?.virtualIp ?? '') : '',
  };
  const lines = Object.entries(inputs).map(([name, value]) => `${name}=${shellQuote(value)}\n`);
  // Its own commands must not read what is left of the script.
  return `${lines.join('')}${scripts.join('\n')}\nchecks </dev/null 2>/dev/null\n`;
}
