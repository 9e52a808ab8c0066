import { mkdtempSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Architecture, ownArchitecture } from './architecture';
import { command } from './command';
import { identify } from './process-identity';
import { emulators } from './vm/machine-packages';

/** How an ELF file for a processor begins, and which of its bits count. */
const arm64 = {
  magic: '\\x7fELF\\x02\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\xb7\\x00',
  mask: '\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff',
};

const ours = 'k3s-cdk-lab-';

/**
 * While `run` lasts, this machine's kernel runs programs of another architecture by QEMU, also below a new root: the
 * kernel holds the emulator open. The registration has the name of this process, so that labs do not take each other's.
 */
export async function withForeignPrograms<T>(arch: Architecture, run: () => Promise<T>): Promise<T> {
  if (arch === ownArchitecture) return run();
  if (arch !== 'arm64') throw new Error(`programs of ${arch} are not emulated on ${ownArchitecture}`);
  const emulator = (await emulators(arch)).path('usr/bin/qemu-aarch64');
  const folder = mkdtempSync(join(tmpdir(), 'lab-binfmt-'));
  await command('mount', ['-t', 'binfmt_misc', 'binfmt_misc', folder]);
  const own = `${ours}${process.pid}`;
  try {
    removeEntries(folder, (pid) => pid === process.pid || !identify(pid));
    writeFileSync(join(folder, 'register'), `:${own}:M::${arm64.magic}:${arm64.mask}:${emulator}:FPO`);
    return await run();
  } finally {
    removeEntries(folder, (pid) => pid === process.pid);
    await command('umount', [folder]);
    rmdirSync(folder);
  }
}

/** Those of labs that died are removed by the next. */
function removeEntries(folder: string, isMeant: (pid: number) => boolean): void {
  for (const name of readdirSync(folder)) {
    if (name.startsWith(ours) && isMeant(Number(name.slice(ours.length))))
      writeFileSync(join(folder, name), '-1');
  }
}
