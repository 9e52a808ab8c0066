import * as z from 'zod';
import { dnsLabel } from './primitives';
import { sshAddress } from './ssh';
import { absolutePath } from './text';

const external = z
  .strictObject({
    server: sshAddress.describe('Address of the server, or a name that every node can resolve.'),
    path: absolutePath.describe('Exported directory.'),
  })
  .describe('An NFS server that is not one of the hosts; then no host has the role `nfs`.');

export const nfs = z
  .strictObject({
    path: absolutePath.default('/srv/nfs').describe('Exported directory of the `nfs` host, on the SSD.'),
    adopt: z
      .boolean()
      .default(false)
      .describe(
        "Whether `path` may be a directory with files that are not the cluster's. They are exported as they are: owners and modes stay, root on every node reads and writes them, and `k3s-cdk destroy --purge` leaves the directory with all that is in it.",
      ),
    external: external.exactOptional(),
    provisioner: z
      .enum(['subdir', 'csi'])
      .default('subdir')
      .describe(
        'What creates a directory for each claim. `csi`: csi-driver-nfs, a pod on every node, still developed; `init` writes it for new clusters. `subdir`: nfs-subdir-external-provisioner, one small pod, without a release since 2022.',
      ),
    storageClass: dnsLabel.default('nfs').describe('Name of the StorageClass.'),
    default: z.boolean().default(true).describe('Whether it is the default StorageClass.'),
    reclaimPolicy: z
      .enum(['Delete', 'Retain'])
      .default('Delete')
      .describe('What happens to a volume whose claim is deleted: see `archiveOnDelete`, or nothing at all.'),
    archiveOnDelete: z
      .boolean()
      .default(true)
      .describe('Whether the directory of a deleted volume is renamed and kept, rather than removed.'),
    mountOptions: z
      .array(z.string().regex(/^[\w=.:/-]+$/, { error: (issue) => `'${issue.input}' is not a mount option` }))
      .default(['nfsvers=4.2'])
      .describe('Mount options of the volumes, one each.'),
    openToPods: z
      .boolean()
      .default(false)
      .describe(
        'Whether pods may connect to the NFS servers of the cluster and of its backups themselves, through which root in a pod reaches the files of all others. Volumes do not need it: nodes mount them.',
      ),
  })
  .describe('Storage of the cluster: an NFS server and a provisioner in the cluster.');
