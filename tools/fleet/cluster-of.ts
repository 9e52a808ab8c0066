export interface ClusterOptions {
  /** More lines of cluster.yaml. @default - none */
  readonly more?: readonly string[];
  /** @default v1.36.5+k3s1 */
  readonly version?: string;
}

export interface FleetHost {
  readonly name: string;
  readonly address: string;
  /** Separated by commas. */
  readonly roles: string;
}

/** `count` hosts: one for the database and NFS, three servers, agents. */
export function hostsOf(count: number): FleetHost[] {
  return Array.from({ length: count }, (_, i) => {
    const address = `10.9.${Math.floor(i / 250)}.${(i % 250) + 1}`;
    if (i === 0) return { name: 'storage', address, roles: 'database, nfs' };
    return i <= 3
      ? { name: `server${i}`, address, roles: 'server' }
      : { name: `agent${i}`, address, roles: 'agent' };
  });
}

/** Their cluster.yaml. */
export function clusterOf(
  hosts: readonly FleetHost[],
  { more = ['ssh: { user: pi }'], version = 'v1.36.5+k3s1' }: ClusterOptions = {},
): string {
  return [
    'name: bench',
    ...more,
    'hosts:',
    ...hosts.map(
      ({ name, address, roles }) => `  - { name: ${name}, address: ${address}, roles: [${roles}] }`,
    ),
    'network: { nodes: [10.9.0.0/16], pods: [10.64.0.0/12] }',
    'api: { address: 10.9.250.1 }',
    `k3s: { version: ${version}, maxUnavailable: 10% }`,
    'metallb: { pools: [{ name: lan, addresses: [10.9.251.1-10.9.251.99] }] }',
    '',
  ].join('\n');
}
