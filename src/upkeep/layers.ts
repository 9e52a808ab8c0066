import type { Host, Topology } from '../model/topology';

/** What stands on what: each layer needs those before it. */
export const layerNames = ['database hosts', 'storage', 'servers', 'agents'] as const;

export type LayerName = (typeof layerNames)[number];

/**
 * Hosts by the first layer that they are part of, in the order in which they start: databases, the volumes' host, servers,
 * agents. What has none of these roles is as little needed as an agent.
 */
export function layers({ nfs }: Pick<Topology, 'nfs'>, hosts: readonly Host[]): Record<LayerName, Host[]> {
  const found: Record<LayerName, Host[]> = { 'database hosts': [], storage: [], servers: [], agents: [] };
  for (const host of hosts) {
    const isStorage = host.roles.includes('nfs') || nfs?.host === host;
    const other = host.kind === 'server' ? 'servers' : 'agents';
    found[host.roles.includes('database') ? 'database hosts' : isStorage ? 'storage' : other].push(host);
  }
  return found;
}

/** The primary comes last, among database hosts. */
export function primaryLast(hosts: readonly Host[], primary: string | undefined): Host[] {
  return [...hosts.filter(({ name }) => name !== primary), ...hosts.filter(({ name }) => name === primary)];
}
