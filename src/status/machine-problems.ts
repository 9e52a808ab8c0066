import { bytes } from './figures';
import type { DiskStatus, MachineStatus } from './host-status';
import type { Problem } from './problem';

/** From where on figures are problems; hosts that look after themselves use the same. */
export const limits = {
  /** Part of a disk that is free: k3s's kubelet evicts pods below 5 % (its default, `nodefs.available` of k3s). */
  minFree: { error: 0.05, warning: 0.1 },
  /** Part of the memory that is available. */
  minMemory: 0.05,
  /** Degrees Celsius: a Raspberry Pi slows down at 80 to 85 (Raspberry Pi documentation, "Frequency management"). */
  hot: 80,
} as const;

/** Seconds. Certificates and leases tolerate this much; `doctor` and the steps reject 30. */
const clockTolerance = { error: 30, warning: 5 };

/** What is wrong with a machine, according to itself. */
export function* machineProblems(host: string, machine: MachineStatus): Iterable<Problem> {
  for (const disk of machine.disks) yield* diskProblems(host, disk);
  const { total, available } = machine.memory;
  if (available < total * limits.minMemory)
    yield {
      severity: 'warning',
      code: 'memory-low',
      host,
      message: `has only ${bytes(available)} of ${bytes(total)} memory left: see what takes it with 'ps aux --sort -rss | head'`,
    };
  yield* powerProblems(host, machine);
  yield* clockProblems(host, machine);
}

function* diskProblems(host: string, disk: DiskStatus): Iterable<Problem> {
  const { mount, size, available, inodes, readOnly } = disk;
  if (readOnly)
    yield {
      severity: 'error',
      code: 'disk-read-only',
      host,
      message: `cannot write to '${mount}': its disk or SD card fails ('dmesg' shows more); replace it`,
    };
  const free = Math.min(available / size, inodes ? inodes.available / inodes.total : 1);
  const severity =
    free < limits.minFree.error ? 'error' : free < limits.minFree.warning ? 'warning' : undefined;
  if (!severity) return;
  const what =
    available / size <= free ? `${bytes(available)} of ${bytes(size)}` : `${inodes?.available} files`;
  yield {
    severity,
    code: 'disk-full',
    host,
    message: `has only ${what} left in '${mount}': find what takes the space with 'du -xh ${mount} | sort -h'`,
  };
}

function* powerProblems(host: string, { power, temperature }: MachineStatus): Iterable<Problem> {
  const supply = 'use the power supply of the board and a short cable';
  if (power?.undervoltage)
    yield { severity: 'error', code: 'undervoltage', host, message: `has undervoltage: ${supply}` };
  else if (power?.undervoltageSinceBoot)
    yield {
      severity: 'warning',
      code: 'undervoltage',
      host,
      message: `has had undervoltage since it was booted, which can damage files: ${supply}`,
    };
  // Undervoltage slows it down as well.
  if ((power?.throttled && !power.undervoltage) || (temperature ?? 0) >= limits.hot)
    yield {
      severity: 'warning',
      code: 'hot',
      host,
      message: `is throttled or about to be${temperature === undefined ? '' : ` at ${Math.round(temperature)} °C`}: give it a heat sink, a fan or air`,
    };
}

function* clockProblems(host: string, { clockSkew, clockSynchronized }: MachineStatus): Iterable<Problem> {
  const off = Math.abs(clockSkew);
  const help = "'timedatectl timesync-status' or 'chronyc sources' on it shows its time server";
  if (off > clockTolerance.warning)
    yield {
      severity: off > clockTolerance.error ? 'error' : 'warning',
      code: 'clock-off',
      host,
      message: `has a clock that is ${Math.round(off)} s ${clockSkew > 0 ? 'ahead of' : 'behind'} this machine's: correct the wrong one (${help})`,
    };
  else if (!clockSynchronized)
    yield {
      severity: 'warning',
      code: 'clock-alone',
      host,
      message: `is not synchronized with a time server: ${help}`,
    };
}
