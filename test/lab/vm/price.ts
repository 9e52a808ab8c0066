import { readFileSync, statfsSync } from 'node:fs';
import { homedir } from 'node:os';
import { isRepositoryCached } from '../debian/package-repository';
import { architecturesOf, type HostConfig, type LabConfig } from '../lab-config';
import { accelerator } from './accelerator';
import { diskSize } from './base-system';
import { guestPackages } from './machine-packages';
import { defaultMemory, translationCache } from './qemu-arguments';

/** MiB on the machine's disk: a host without anything written, and what all labs share. Measured. */
const [bareHost, cache] = [450, 1300];

/** What the virtual machines of a lab will take of this machine. Throws when there is not enough of it. */
export async function price({ hosts }: LabConfig): Promise<string> {
  const isEmulated = ({ arch }: HostConfig) => accelerator(arch) === 'tcg';
  const isKvm = !hosts.some(isEmulated);
  const memory = sum(
    hosts,
    (host) => (host.memory ?? defaultMemory) + (isEmulated(host) ? translationCache : 0),
  );
  const free = availableMemory();
  if (memory > free) {
    throw new Error(
      `no lab here: ${hosts.length} virtual machines take ${gibibytes(memory)} of memory, and ${gibibytes(free)} are free; give them less with 'memory' in a lab file, or leave hosts out`,
    );
  }
  const isFirst = architecturesOf({ name: '', hosts }).some(
    (arch) => !isRepositoryCached(guestPackages(arch), arch),
  );
  const start = hosts.length * bareHost + (isFirst ? cache : 0);
  const most = sum(hosts, (host) => {
    const disks = (host.disks ?? []).map(({ size = 4096 }) => size);
    return (host.storage ?? diskSize) + disks.reduce((total, size) => total + size, 0);
  });
  const how = isKvm ? 'with KVM' : 'emulated, because there is no KVM here for them';
  const lines = [
    `${hosts.length} virtual machines, ${how}. They take`,
    `  memory  ${gibibytes(memory)} (${gibibytes(free)} are free)`,
    `  disk    ${gibibytes(start)} to begin with, never more than ${gibibytes(most + cache)} (${gibibytes(freeDisk())} are free)`,
    `  time    ${isKvm ? 'half a minute' : 'one to two minutes'} to boot${isFirst ? ', the first time three more, for 300 MB of downloads' : ''}`,
  ];
  return lines.join('\n');
}

function availableMemory(): number {
  const kibibytes = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
  return Number(kibibytes) / 1024;
}

function freeDisk(): number {
  const { bavail, bsize } = statfsSync(homedir());
  return (bavail * bsize) / 2 ** 20;
}

function gibibytes(mebibytes: number): string {
  return `${(mebibytes / 1024).toFixed(1)} GiB`;
}

function sum(hosts: readonly HostConfig[], of: (host: HostConfig) => number): number {
  return hosts.reduce((total, host) => total + of(host), 0);
}
