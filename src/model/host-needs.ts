import type { Host, Topology } from './topology';

/** Space for k3s, its images and its logs, or for packages alone, in MB. */
const nodeSpace = 2048;
const packageSpace = 512;

/** MB that must be free in `/` and below `/var`. */
export function freeSpace(host: Host): number {
  return host.k3sConfig === undefined ? packageSpace : nodeSpace;
}

/** Ports that the host's roles listen on, and the programs that may have them: `6443:haproxy`. */
export function portsOf(host: Host, { api, database, k3s, quorum }: Topology): string[] {
  const { cluster } = database;
  const k3sPrograms = 'k3s,k3s-server,k3s-agent';
  return [
    ...(host.roles.includes('database') ? [`${database.port}:postgres`] : []),
    ...(cluster && host.roles.includes('database') ? [`${cluster.restPort}:patroni,python3`] : []),
    // While it waits for others, OpenSSL listens at its peers' port.
    ...(cluster && quorum.includes(host)
      ? [`${cluster.etcd.clientPort}:etcd`, `${cluster.etcd.peerPort}:etcd,openssl`]
      : []),
    ...(host.roles.includes('nfs') ? ['2049:nfsd'] : []),
    ...(host.roles.includes('server')
      ? [
          `${k3s.serverPort}:${k3sPrograms}`,
          ...(api.loadBalancer ? [`${api.loadBalancer.port}:haproxy`] : []),
        ]
      : []),
    ...(host.k3sConfig ? [`10250:${k3sPrograms}`] : []),
  ];
}

/** What the host gets that a machine has once, and may have of somebody else. */
export function takesOver({ k3sConfig, roles }: Host, { api }: Topology): string[] {
  return [
    ...(k3sConfig ? ['k3s'] : []),
    ...(roles.includes('server') && api.loadBalancer ? ['load-balancer'] : []),
    ...(roles.includes('nfs') ? ['nfs'] : []),
  ];
}

/** A line for each disk of the host: device, mount point, file system, format. No path has blanks. */
export function diskLines(host: Host): string {
  return host.disks
    .map(({ device, mount, filesystem, format }) => `${device} ${mount} ${filesystem} ${format}\n`)
    .join('');
}
