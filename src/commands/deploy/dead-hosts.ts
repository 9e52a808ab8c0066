import { scanServers } from '../../ssh/scan-servers';
import type { LeavingServer, PlannedChanges } from '../../terraform/planned-changes';
import type { Deployment } from './deployment';

/**
 * Those of the leaving hosts that do not answer, each with the reason as the rest of a sentence about it. All are asked
 * at once.
 */
export async function deadHosts(
  { leavingServers, renamed }: Pick<PlannedChanges, 'leavingServers' | 'renamed'>,
  { topology, folder, interruption, view, terminal }: Deployment,
): Promise<ReadonlyMap<string, string>> {
  const bastions = topology.hosts.flatMap(({ ssh }) => ssh.bastion ?? []);
  const servers = leavingServers.flatMap(({ host, address, port, bastion: name }: LeavingServer) => {
    const bastion = bastions.find((each) => each.address === name);
    // It is asked under its new name; or nobody knows the way to it any more.
    if (renamed.has(host) || (name !== undefined && !bastion)) return [];
    return [{ names: [host], address, port, ...(bastion && { bastion }) }];
  });
  if (servers.length === 0) return new Map();
  view.stage('looking which of the leaving hosts are on');
  const scanned = await scanServers(servers, folder, interruption.signal);
  const dead = new Map(
    scanned.flatMap(({ server, scan }) =>
      server.names.flatMap((name) => ('failure' in scan ? [[name, scan.failure] as const] : [])),
    ),
  );
  terminal.report({
    problems: [...dead].map(([host, reason]) => ({
      ...({ severity: 'warning', code: 'unreachable', host } as const),
      message: `${reason}; it leaves the cluster, and everything stays installed on it`,
    })),
  });
  return dead;
}
