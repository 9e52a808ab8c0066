import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from '../cache';
import { packageSets, repositoryKey } from '../debian/package-repository';
import { debootstrap } from '../debian/root-filesystem';

/** Packages that virtual machines need beside those of containers. */
export const vmPackages = join(__dirname, 'packages.txt');

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
export async function machinePackages(): Promise<MachinePackages> {
  const directory = await cached(`machine-${repositoryKey(vmPackages)}`, (path) =>
    debootstrap(path, packageSets(vmPackages)[0] ?? [], ['--variant=extract'], [vmPackages]),
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
