import { existsSync } from 'node:fs';
import { ownArchitecture } from '../architecture';
import { hostPackages, isRepositoryCached } from '../debian/package-repository';
import type { HostKind } from '../lab-host';
import { cgroupMount } from './cgroup';
import { ContainerHost } from './container-host';
import { containerRoot } from './container-root';

/** systemd containers: everything but a kubelet and a kernel NFS server, up in a second. */
export const containers: HostKind = {
  packages: {
    'systemd-nspawn': 'systemd-container',
    mmdebstrap: 'mmdebstrap',
    'apt-ftparchive': 'apt-utils',
    ip: 'iproute2',
    ssh: 'openssh-client',
    'mkfs.ext4': 'e2fsprogs',
  },

  packageLists: () => [{ list: hostPackages, arch: ownArchitecture }],

  missing() {
    const devices = ['/dev/net/tun', '/dev/fuse', '/dev/kmsg', '/dev/loop-control'];
    const missing = devices.filter((device) => !existsSync(device)).map((device) => `no ${device}`);
    return cgroupMount() === undefined ? [...missing, 'no cgroup2 file system'] : missing;
  },

  async price({ hosts }) {
    const first = isRepositoryCached() ? '' : '; the first time two minutes more, for 200 MB of downloads';
    return `${hosts.length} containers: up in seconds, and they take what they use${first}`;
  },

  async prepare({ hosts }) {
    const other = hosts.find(({ arch = ownArchitecture, pageSize = 4, firmware, system = 'debian' }) => {
      return arch !== ownArchitecture || pageSize !== 4 || firmware || system !== 'debian';
    });
    if (other)
      throw new Error(
        `'${other.name}' would have another processor, kernel, firmware or system than containers can have here: use virtual machines ('--vm')`,
      );
    await containerRoot();
  },

  host(config, context) {
    return new ContainerHost(config, context);
  },
};
