import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cached, contentKey } from '../../cache';
import { packageRepository, packageSets, repositoryKey } from '../../debian/package-repository';
import { bareHost, bareHostKey } from '../../debian/root-filesystem';
import { bootFiles, ext4, ext4Of, kernelImages } from '../boot-files';
import { guests } from '../guest';
import { vmPackages } from '../machine-packages';

/** What hosts that are to be Enterprise Linux have beside the others. */
export const elPackages = join(__dirname, 'packages.txt');

/** Where they see their package repositories. */
const repositoryMount = '/srv/rpm';

/** A folder that is laid over their root instead of Debian's policy: `etc/selinux` and `var/lib/selinux`. */
const policy = process.env.LAB_SELINUX_POLICY;

const own = [
  'make_rpms.py',
  'rpms.txt',
  'root.sh',
  'selinux-policy.cil',
  'container-selinux.cil',
  'debian.cil',
];
const shared = ['../boot-files.ts', '../init.sh', '../root.sh', '../../debian/provision.sh'];

/**
 * A Debian under the names of Enterprise Linux: dnf and RPMs, no apt, SELinux enforcing, firewalld, NetworkManager. Its
 * directory holds the kernel and the archive for its start, the disk and the disk of its repositories.
 *
 * @param diskSize in MiB
 */
export function elSystem(diskSize: number): Promise<string> {
  const recipe = [...own, ...shared].map((name) => join(__dirname, name));
  const key = contentKey(
    [__filename, ...recipe, ...policyFiles()],
    ...[bareHostKey(), repositoryKey(vmPackages), repositoryKey(elPackages)],
  );
  return cached(`vm-el-${key}`, (path) => make(path, diskSize));
}

async function make(path: string, diskSize: number): Promise<void> {
  const root = join(path, 'root');
  mkdirSync(root, { recursive: true });
  const { kernels } = guests.amd64;
  const packages = await packageRepository(vmPackages);
  const hooks = [
    `sh ${join(__dirname, '../root.sh')} "$1" ${kernelImages(packages, kernels).join(' ')}`,
    `sh ${join(__dirname, 'root.sh')} "$1" ${repositoryMount}`,
  ];
  await bareHost(
    root,
    hooks.map((hook) => `--customize-hook=${hook}`),
    { lists: [vmPackages, elPackages], packages: packageSets(elPackages).flat() },
  );
  await bootFiles(path, root, kernels, packages);
  await repositories(join(path, 'packages.ext4'), join(root, repositoryMount));
  await ext4(join(path, 'disk.ext4'), root, diskSize);
  rmSync(root, { recursive: true });
}

/** Takes them off the root. */
async function repositories(path: string, from: string): Promise<void> {
  await ext4Of(path, from);
  for (const name of readdirSync(from)) rmSync(join(from, name), { recursive: true });
}

function policyFiles(): string[] {
  if (policy === undefined) return [];
  return readdirSync(policy, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
