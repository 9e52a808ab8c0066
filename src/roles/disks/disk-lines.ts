import type { Host } from '../../model/topology';

/** A line for each disk of the host: device, mount point, file system, format. No path has blanks. */
export function diskLines(host: Host): string {
  return host.disks
    .map(({ device, mount, filesystem, format }) => `${device} ${mount} ${filesystem} ${format}\n`)
    .join('');
}
