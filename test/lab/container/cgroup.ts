import { readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../wait';

/** Where the unified cgroup hierarchy is mounted; a machine with the old one may have it in a second place. */
export function cgroupMount(): string | undefined {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  return mounts.map((line) => line.split(' ')).find(([, , type]) => type === 'cgroup2')?.[1];
}

/** The cgroup that holds every process of one host, however deep. */
export class Cgroup {
  readonly path: string;

  constructor(name: string) {
    this.path = join(cgroupMount() ?? '/sys/fs/cgroup', name);
  }

  /**
   * SIGKILL to all of them at once, and the cgroup is gone; there may be none. It must go: Linux 6.18 kills what is
   * started in a cgroup made before the last `cgroup.kill` when it is cloned into one made after it.
   */
  async remove(): Promise<void> {
    unlessGone(() => writeFileSync(join(this.path, 'cgroup.kill'), '1'));
    await waitFor(`cgroup ${this.path} is empty`, () => !this.isPopulated());
    removeTree(this.path);
  }

  /** Seconds. */
  processorTime(): number {
    const used = unlessGone(() => readFileSync(join(this.path, 'cpu.stat'), 'utf8'));
    return Number(/^usage_usec (\d+)$/m.exec(used ?? '')?.[1] ?? 0) / 1e6;
  }

  private isPopulated(): boolean {
    const events = unlessGone(() => readFileSync(join(this.path, 'cgroup.events'), 'utf8'));
    return events?.includes('populated 1') ?? false;
  }
}

function removeTree(path: string): void {
  const entries = unlessGone(() => readdirSync(path, { withFileTypes: true })) ?? [];
  for (const entry of entries) if (entry.isDirectory()) removeTree(join(path, entry.name));
  unlessGone(() => rmdirSync(path));
}

/** Two labs that come at the same time take down the same dead one. */
function unlessGone<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    // ENODEV: removed between open and read.
    if (['ENOENT', 'ENODEV'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
