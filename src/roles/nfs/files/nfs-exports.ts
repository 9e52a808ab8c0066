import type { Host } from '../../../model/topology';

export interface NfsExport {
  readonly path: string;
  /** Hosts that may mount it. */
  readonly clients: readonly Pick<Host, 'nodeIps'>[];
  /** The disk that must be mounted for it to be exported; without one, the directory may be on the system's disk. */
  readonly mount: string | undefined;
}

/**
 * Line for `/etc/exports.d`. The provisioner and pods with an fsGroup change owners as root, hence `no_root_squash`;
 * `mountpoint` keeps the system's disk from being served when the SSD is missing.
 */
export function nfsExports({ path, clients, mount }: NfsExport): string {
  const options = [
    'rw',
    'sync',
    'no_subtree_check',
    'no_root_squash',
    ...(mount === undefined ? [] : [`mountpoint=${mount}`]),
  ].join(',');
  const addresses = [...new Set(clients.flatMap((host) => host.nodeIps))];
  return [`"${path}"`, ...addresses.map((address) => `${address}(${options})`)].join(' \\\n  ').concat('\n');
}
