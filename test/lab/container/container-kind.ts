import { existsSync } from 'node:fs';
import { rootFilesystem } from '../debian/root-filesystem';
import type { HostKind } from '../lab-host';
import { cgroupMount } from './cgroup';
import { ContainerHost } from './container-host';

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

  missing() {
    const devices = ['/dev/net/tun', '/dev/fuse', '/dev/kmsg', '/dev/loop-control'];
    const missing = devices.filter((device) => !existsSync(device)).map((device) => `no ${device}`);
    return cgroupMount() === undefined ? [...missing, 'no cgroup2 file system'] : missing;
  },

  async prepare() {
    await rootFilesystem();
  },

  host(config, context) {
    return new ContainerHost(config, context);
  },
};
