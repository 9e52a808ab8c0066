import { existsSync } from 'node:fs';
import { hostPackages } from '../debian/package-repository';
import type { HostKind } from '../lab-host';
import { baseSystem } from './base-system';
import { machinePackages, vmPackages } from './machine-packages';
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
    xz: 'xz-utils',
    zstd: 'zstd',
  },

  packageLists: [hostPackages, vmPackages],

  missing() {
    if (process.arch !== 'x64') return [`virtual machines are for amd64 so far, this is ${process.arch}`];
    return existsSync('/dev/net/tun') ? [] : ['no /dev/net/tun'];
  },

  price,

  async prepare() {
    await machinePackages();
    await baseSystem();
  },

  host(config, context) {
    return new VmHost(config, context);
  },
};
