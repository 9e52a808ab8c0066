import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Architecture, ownArchitecture } from '../architecture';
import { cached } from '../cache';
import { packageSets, repositoryKey } from '../debian/package-repository';
import { debootstrap } from '../debian/root-filesystem';

/** Packages that virtual machines need beside those of containers; of amd64 with the programs that run them here. */
export const vmPackages = join(__dirname, 'packages.txt');

/** Packages of other guests, and what runs them here. */
const foreign = {
  guest: join(__dirname, 'packages-arm64.txt'),
  machine: join(__dirname, 'packages-arm64-machine.txt'),
};

/** The list of packages that guests of an architecture need beside those of containers. */
export function guestPackages(arch: Architecture): string {
  return arch === 'arm64' ? foreign.guest : vmPackages;
}

/** A program with the libraries that it was made for. */
export interface PackagedProgram {
  readonly program: string;
  /** Arguments that come before the program's own. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The first set of `packages.txt`, unpacked: programs of Debian 13 that run on this machine, whatever is installed
 * on it. QEMU before version 10 panics guests under load.
 */
export function machinePackages(): Promise<MachinePackages> {
  return unpacked(vmPackages);
}

/** The programs that run guests of an architecture, whole ones and single programs. */
export function emulators(arch: Architecture): Promise<MachinePackages> {
  return unpacked(arch === ownArchitecture ? vmPackages : foreign.machine);
}

async function unpacked(list: string): Promise<MachinePackages> {
  const directory = await cached(`machine-${repositoryKey(list)}`, (path) =>
    debootstrap(path, packageSets(list)[0] ?? [], ['--variant=extract'], [list]),
  );
  return new MachinePackages(directory);
}

export class MachinePackages {
  constructor(private readonly directory: string) {}

  path(...names: string[]): string {
    return join(this.directory, ...names);
  }

  /** @param name path of the program in its package, `usr/bin/passt` */
  program(name: string): PackagedProgram {
    const libraries = this.path('usr/lib/x86_64-linux-gnu');
    const linker = join(libraries, 'ld-linux-x86-64.so.2');
    const program = this.path(name);
    if (!existsSync(program))
      throw new Error(`'${program}' is missing; 'npm run lab -- clean' makes it again`);
    return {
      program: linker,
      args: ['--library-path', libraries, '--argv0', program, program],
      env: { QEMU_MODULE_DIR: join(libraries, 'qemu') },
    };
  }
}
