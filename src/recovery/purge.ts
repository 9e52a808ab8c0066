import { oneText } from '../model/script';
import { shellQuote } from '../model/shell-quote';
import type { Host, Topology } from '../model/topology';
import { lastLines } from '../programs/last-lines';
import type { RoleData } from '../roles/role';
import { rolesOf } from '../roles/roles';
import { bashAsRoot, type SshClient } from '../ssh/client';
import { UserError } from '../user-error';
import purgeData from './scripts/purge-data.sh';

/** Long enough for a large NFS folder on a small disk. */
const timeoutMs = 60 * 60 * 1000;

/** Lines of a host's list of what it has deleted. */
const maxLines = 500;

/** What a cluster has stored on one host. */
export interface StoredData {
  readonly host: Host;
  /** What is deleted, for people, a line each. */
  readonly what: readonly string[];
  /** What is not. */
  readonly stays: readonly string[];
  /** For a bash that reads its standard input as root. */
  readonly script: string;
}

/** Where a cluster keeps data: hosts whose roles have some. */
export function storedData(topology: Topology): StoredData[] {
  return topology.hosts.flatMap((host) => {
    const found = rolesOf(host, topology).flatMap(({ data }) => {
      const stored = data?.on(topology, host);
      return data && stored ? [{ data, stored }] : [];
    });
    const what = found.flatMap(({ stored }) => stored.what);
    const stays = found.flatMap(({ stored }) => stored.stays);
    if (what.length === 0 && stays.length === 0) return [];
    // In reverse order, like uninstallers: disks come last, when nothing is left on them.
    const deleted = found.filter(({ stored }) => stored.inputs).reverse();
    const inputs = Object.assign({ CLUSTER: topology.name }, ...deleted.map(({ stored }) => stored.inputs));
    return [
      {
        host,
        what,
        stays,
        script: purgeScript(
          inputs,
          deleted.map(({ data }) => data),
        ),
      },
    ];
  });
}

/** @param data in that order */
export function purgeScript(
  inputs: Readonly<Record<string, string>>,
  data: readonly Pick<RoleData, 'script' | 'call'>[],
): string {
  const all = { ...inputs, CALLS: data.map(({ call }) => call).join(' ') };
  const assignments = Object.entries(all).map(([name, value]) => `${name}=${shellQuote(value)}\n`);
  return `${assignments.join('')}${oneText(...data.map(({ script }) => script), purgeData)}`;
}

/**
 * Deletes it.
 *
 * @returns what was deleted, and what was left because it is not the cluster's, a line each
 * @throws UserError when the host cannot be reached, or something stays
 */
export async function purge({ host, script }: StoredData, ssh: Pick<SshClient, 'run'>): Promise<string[]> {
  const { exitCode, stdout, stderr } = await ssh.run(host, bashAsRoot, { input: script, timeoutMs });
  if (exitCode !== 0) throw new UserError(`${host.name}: ${lastLines(stderr) || `exit code ${exitCode}`}`);
  return lastLines(stdout, maxLines).split('\n').filter(Boolean);
}
