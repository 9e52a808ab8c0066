import { type Draft, isAbsent } from '../draft';
import type { Path } from '../path';
import { quote, quoteAll } from '../quote';
import { type DraftHost, hostsWith, known, nameOf, rolesAreKnown } from './known';
import type { Finding, Written } from './rule';
import { repeated } from './unique';

/** A disk is mounted once, and a directory takes one disk. */
export function* uniqueDisks(config: Draft): Iterable<Finding> {
  for (const [index, host] of known(config.hosts)) {
    for (const key of ['device', 'mount'] as const) {
      const items = known(host.disks).map(([n, disk]) => ({
        value: disk[key]?.replace(/(?<!\/)\/+$/, ''),
        path: ['hosts', index, 'disks', n, key],
      }));
      for (const { value, path, first } of repeated(items)) {
        yield {
          path,
          other: first,
          message: `${quote(value)} is the ${key} of another disk: each disk has its own`,
        };
      }
    }
  }
}

/**
 * Directories of the operating system: a disk mounted there would hide their files, data would mix with them.
 */
const system =
  /^\/((bin|boot|dev|etc|lib|lib64|proc|root|run|sbin|sys|tmp|usr)(\/.*)?|home|var|var\/(lib|log|tmp|cache))?\/?$/;
/** Meant as mount points, but not for data of one program. */
const shared = /^\/(media|mnt|opt|srv)\/?$/;

/** Data and disks have separate directories. */
export function* noSystemDirectories(config: Draft): Iterable<Finding> {
  for (const { directory, path } of directories(config)) {
    if (!system.test(directory) && !(path[0] !== 'hosts' && shared.test(directory))) continue;
    yield {
      path,
      message: `${quote(directory)} is a directory of the operating system: use one of its own, such as '/srv/data'`,
    };
  }
}

/**
 * What is emptied when k3s, or the whole cluster, is uninstalled from the host: each with everything below
 * it.
 */
const emptiedByRemoval =
  /^(\/var\/lib\/(?:rancher|kubelet|cni|k3s-cdk|k3s-etcd)|(?:\/[^/]+)*?\/\.k3s-cdk)(?=\/|$)/;
/** The first two of these are other names of `/run`. */
const emptiedBySystem = /^\/var\/(run|lock|tmp|cache)(?=\/|$)/;
/** These may have their own disk: k3s's uninstaller does not delete through mounts. */
const mountable = /^\/var\/lib\/(rancher|kubelet|cni)(\/|$)/;

/** Data must not be in a folder that is emptied. On the host, the steps check links (`lib-folders.sh`). */
export function* noEmptiedDirectories(config: Draft): Iterable<Finding> {
  for (const { directory, path } of directories(config)) {
    if (system.test(directory) || (path[0] === 'hosts' && mountable.test(directory))) continue;
    const [removal] = emptiedByRemoval.exec(directory) ?? [];
    const [folder] = removal === undefined ? (emptiedBySystem.exec(directory) ?? []) : [removal];
    if (folder === undefined) continue;
    const what =
      removal === undefined ? 'may be emptied by the system' : 'is emptied when the host leaves the cluster';
    yield {
      path,
      message: `${quote(directory)} is no place for data, ${quote(folder)} ${what}: use a directory of its own, such as '/srv/data'`,
    };
  }
}

/** A path must be canonical, so that all programs read it alike. */
export function* plainPaths(config: Draft): Iterable<Finding> {
  for (const { directory, path } of directories(config)) {
    if (!/\/\.{0,2}(\/|$)/.test(directory) || directory === '/') continue;
    yield {
      path,
      message: `${quote(directory)} is not in its shortest form: write it without '.', '..', '//' and a '/' at the end`,
    };
  }
}

function directories(config: Draft): { directory: string; path: Path }[] {
  const mounts = known(config.hosts).flatMap(([index, host]) =>
    known(host.disks).map(([n, disk]) => ({
      directory: disk.mount,
      path: ['hosts', index, 'disks', n, 'mount'],
    })),
  );
  return [
    ...mounts,
    { directory: config.database?.dataDir, path: ['database', 'dataDir'] },
    { directory: config.database?.backup?.path, path: ['database', 'backup', 'path'] },
    { directory: config.nfs?.path, path: ['nfs', 'path'] },
  ].flatMap(({ directory, path }) => (directory === undefined ? [] : [{ directory, path }]));
}

/** Names like /dev/sda refer to whichever disk is found first at boot. */
export function* stableDeviceNames(config: Draft): Iterable<Finding> {
  for (const [index, host] of known(config.hosts)) {
    for (const [n, { device }] of known(host.disks)) {
      if (device === undefined) continue;
      const path = ['hosts', index, 'disks', n, 'device'];
      if (!device.startsWith('/dev/')) {
        yield { path, message: `${quote(device)} is not a block device: write one below '/dev/disk/by-id/'` };
      } else if (/^\/dev\/(sd[a-z]|vd[a-z]|hd[a-z]|nvme\d|mmcblk\d)/.test(device)) {
        yield {
          path,
          severity: 'warning',
          message: `${quote(device)} can be another disk after a reboot: use its name below '/dev/disk/by-id/'`,
          hint: "'ls -l /dev/disk/by-id' on the host shows which is which",
        };
      }
    }
  }
}

/** The data of a role and its host. */
interface Data {
  readonly what: string;
  readonly directory: string;
  readonly path: Path;
  readonly host: DraftHost;
  readonly index: number;
}

function dataOf(config: Draft): Data[] {
  const data = (role: 'database' | 'nfs', what: string, directory: string | undefined, path: Path) =>
    hostsWith(config, role).flatMap(([index, host]): Data[] =>
      directory === undefined ? [] : [{ what, directory, path, host, index }],
    );
  return [
    ...data('database', 'the database', config.database?.dataDir, ['database', 'dataDir']),
    ...data('nfs', 'the NFS export', config.nfs?.path, ['nfs', 'path']),
  ];
}

/** Clients of the export must not see the database, and vice versa. */
export function* separateData(config: Draft, written: Written): Iterable<Finding> {
  const [database, nfs] = [config.database?.dataDir, config.nfs?.path];
  if (database === undefined || nfs === undefined) return;
  const shared = hostsWith(config, 'database').some(([, host]) => host.roles?.includes('nfs'));
  if (!shared || !(isWithin(database, nfs) || isWithin(nfs, database))) return;
  yield {
    path: written(['nfs', 'path']) ? ['nfs', 'path'] : ['database', 'dataDir'],
    message: `the NFS export ${quote(nfs)} and the data of Postgres ${quote(database)} contain each other: use two directories side by side`,
  };
}

/** Disks of the host that do not hold its data: the data would go to the SD card. */
export function* dataOnDisks(config: Draft, written: Written): Iterable<Finding> {
  for (const { what, directory, path, host, index } of dataOf(config)) {
    const mounts = known(host.disks).flatMap(([, { mount }]) => (mount === undefined ? [] : [mount]));
    if (mounts.length === 0 || host.disks?.includes(undefined) || mounts.length < (host.disks?.length ?? 0))
      continue;
    if (mounts.some((mount) => isWithin(directory, mount))) continue;
    yield {
      path: written(path) ? path : ['hosts', index, 'disks'],
      severity: 'warning',
      ...(!written(path) && { target: 'key' }),
      message: `${what} in ${quote(directory)} lies on none of the disks of ${nameOf(host)}, mounted at ${quoteAll(mounts, 'and')}: it would be on the system disk, so set '${path.join('.')}' or a mount`,
    };
  }
}

/** Without an NFS server, its settings do nothing. */
export function* nfsNeedsHost(config: Draft, written: Written): Iterable<Finding> {
  if (!written(['nfs']) || !rolesAreKnown(config) || hostsWith(config, 'nfs').length > 0) return;
  if (config.nfs && !isAbsent(config.nfs, 'external')) return;
  // The keys of `nfs.external`, one level too high.
  if (written(['nfs', 'server'])) return;
  yield {
    path: ['nfs'],
    target: 'key',
    severity: 'warning',
    message: "'nfs' has no effect: no host has the role 'nfs', so give it to one or delete this",
  };
}

/** k3s's own class would be replaced, or conflict over the name. */
export function* storageClassName(config: Draft): Iterable<Finding> {
  if (config.nfs?.storageClass !== 'local-path') return;
  if (hostsWith(config, 'nfs').length === 0 && isAbsent(config.nfs, 'external')) return;
  yield {
    path: ['nfs', 'storageClass'],
    message: "'local-path' is the class of k3s's own provisioner: choose another name",
  };
}

export function isWithin(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(`${outer.replace(/\/$/, '')}/`);
}
