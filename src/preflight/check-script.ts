import { releaseFolder } from '../model/artifacts';
import { clientVariables } from '../model/external-database';
import { extraSetting } from '../model/extra-config';
import { oneText } from '../model/script';
import { shellQuote } from '../model/shell-quote';
import type { Host, Topology } from '../model/topology';
import { diskLines } from '../roles/disks/disk-lines';
import { freeSpace, listeningPorts, runsContainers, takenOver } from '../roles/roles';
import checks from './checks.sh';

/** What the operator has in `secrets/`, as far as hosts are compared with it. */
export interface OperatorSecrets {
  /** Hashes of the servers' tokens. */
  readonly tokens: readonly string[];
  /** Hash of the public key of the database's CA; empty without one. */
  readonly authority: string;
  /** PEM of the CA of an external database; empty without one. */
  readonly externalAuthority: string;
}

/** The script that checks a host before anything is done to it, for a bash that reads its standard input as root. */
export function checkScript(
  topology: Topology,
  host: Host,
  { tokens, authority, externalAuthority }: OperatorSecrets,
): string {
  const isServer = host.roles.includes('server');
  const inputs: Record<string, string> = {
    HOST: host.name,
    NODE: host.kind === 'none' ? 'no' : 'yes',
    DATABASE: host.roles.includes('database') ? 'yes' : 'no',
    CONTAINERS: runsContainers(host, topology) ? 'yes' : 'no',
    RESOLV_CONF: extraSetting(host, 'resolv-conf') === undefined ? 'no' : 'yes',
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
    DATASTORE: isServer && topology.database.external ? topology.database.addresses.join(' ') : '',
    DATASTORE_PEM: externalAuthority,
    ...clientVariables(topology.database),
    VIRTUAL_IP: isServer ? (topology.api.loadBalancer?.virtualIp ?? '') : '',
  };
  const lines = Object.entries(inputs).map(([name, value]) => `${name}=${shellQuote(value)}\n`);
  // Its own commands must not read what is left of the script.
  return `${lines.join('')}${oneText(checks)}\nchecks </dev/null 2>/dev/null\n`;
}
