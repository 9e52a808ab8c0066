import { existsSync } from 'node:fs';
import { ownArchitecture } from '../architecture';
import { hostPackages } from '../debian/package-repository';
import type { HostKind } from '../lab-host';
import { baseSystem } from './base-system';
import { guests } from './guest';
import { emulators, guestPackages } from './machine-packages';
import { price } from './price';
import { VmHost } from './vm-host';

/** Virtual machines: the whole system, with a kernel of its own in every host. */
export const virtualMachines: HostKind = {
  packages: {
    mmdebstrap: 'mmdebstrap',
    'apt-ftparchive': 'apt-utils',
    ip: 'iproute2',
    ssh: 'openssh-client',
    'mkfs.ext4': 'e2fsprogs',
    cpio: 'cpio',
    mcopy: 'mtools',
    'mkfs.vfat': 'dosfstools',
    xz: 'xz-utils',
    zstd: 'zstd',
  },

  packageLists: (architectures) =>
    architectures.flatMap((arch) => [hostPackages, guestPackages(arch)].map((list) => ({ list, arch }))),

  missing() {
    if (process.arch !== 'x64') return [`virtual machines run on amd64 so far, this is ${process.arch}`];
    return existsSync('/dev/net/tun') ? [] : ['no /dev/net/tun'];
  },

  price,

  async prepare({ hosts }) {
    for (const host of hosts) {
      const { arch = ownArchitecture } = host;
      await emulators(arch);
      await baseSystem(guests[arch], host);
    }
  },

  host(config, context) {
    return new VmHost(config, context);
  },
};
