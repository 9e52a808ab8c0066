import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cgroupMount } from './container/cgroup';
import { labDirectory } from './lab-state';
import { identify } from './process-identity';

/** What a lab has on this machine, as text: processes, mounts, namespaces, loop devices, directories. */
export function leftovers(lab: string): string[] {
  const namespace = `lab-${lab}`;
  const directory = labDirectory(lab);
  const own = (name: string) => name === namespace || name.startsWith(`${namespace}.`);
  return [
    ...entries('/run/netns')
      .filter(own)
      .map((name) => `network namespace ${name}`),
    ...entries('/etc/netns')
      .filter(own)
      .map((name) => `/etc/netns/${name}`),
    ...entries(cgroupMount() ?? '')
      .filter(own)
      .map((name) => `cgroup ${name}`),
    ...entries('/proc')
      .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid && identify(Number(pid)))
      .filter(
        (pid) =>
          read(`/proc/${pid}/cmdline`).includes(directory) ||
          read(`/proc/${pid}/cgroup`).includes(`/${namespace}.`),
      )
      .map((pid) => `process ${pid}: ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')}`),
    ...read('/proc/self/mounts')
      .split('\n')
      .filter((line) => line.includes(directory))
      .map((line) => `mount ${line}`),
    ...entries('/sys/block')
      .filter((device) => read(`/sys/block/${device}/loop/backing_file`).startsWith(directory))
      .map((device) => `loop device ${device}`),
    ...(existsSync(directory) ? [directory] : []),
  ];
}

function entries(path: string): string[] {
  return existsSync(path) ? readdirSync(path) : [];
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
