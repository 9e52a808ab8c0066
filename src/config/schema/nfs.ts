import * as z from 'zod';
import { absolutePath, dnsLabel } from './primitives';

export const nfs = z
  .strictObject({
    path: absolutePath.default('/srv/nfs').describe('Exported directory, on the SSD.'),
    storageClass: dnsLabel.default('nfs').describe('Name of the StorageClass.'),
    default: z.boolean().default(true).describe('Whether it is the default StorageClass.'),
  })
  .describe('Storage of the cluster: an NFS server on the `nfs` host and a provisioner in the cluster.');
