import type { Host } from '../model/topology';
import { text } from '../status/answer';

/** A disk on which the step `disks` is going to create a file system. */
export interface BlankDisk {
  readonly host: Host;
  readonly device: string;
  readonly mount: string;
  readonly filesystem: string;
  /** As the disk reports; empty if it does not. */
  readonly model: string;
  readonly serial: string;
  /** As `lsblk` writes it: `931.5G`. */
  readonly size: string;
}

/** The values of a line `blank-disk` of checks.sh. */
export function readBlankDisk(host: Host, values: readonly string[]): BlankDisk {
  const [device = '', mount = '', filesystem = '', model = '', serial = '', size = ''] = values.map(text);
  return { host, device, mount, filesystem, model, serial, size };
}

/** For people who have to recognize it. */
export function blankDiskText({ host, device, mount, filesystem, model, serial, size }: BlankDisk): string {
  const what = [model || 'no model', serial ? `serial ${serial}` : 'no serial', size].join(', ');
  return `${host.name}: ${device} (${what}) is blank: it is formatted with ${filesystem} and mounted at ${mount}`;
}

/** For programs. */
export function reportedDisk({ host, ...disk }: BlankDisk) {
  return { host: host.name, ...disk };
}
