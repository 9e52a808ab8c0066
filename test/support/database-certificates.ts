import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { issueAuthority, issueLeaf } from '../../src/pki/issue';
import { newPrivateKey } from '../../src/pki/key';

/**
 * Writes what a database server of somebody else has, and its client `bycert`: ca.crt, server.crt and client.crt with their
 * keys.
 *
 * @param address that its certificate is for
 */
export async function databaseCertificates(folder: string, address = '127.0.0.1'): Promise<void> {
  const now = new Date();
  const key = newPrivateKey();
  const certificate = await issueAuthority('theirs', key, now, 'database of somebody else');
  writeFileSync(join(folder, 'ca.crt'), certificate);
  const leaves = { server: [address], client: [] } as const;
  for (const [usage, ipAddresses] of Object.entries(leaves)) {
    const own = newPrivateKey();
    const request = {
      ...{ commonName: usage === 'client' ? 'bycert' : 'database', ipAddresses, dnsNames: [] },
      usage: usage as keyof typeof leaves,
    };
    writeFileSync(join(folder, `${usage}.key`), own, { mode: 0o600 });
    writeFileSync(join(folder, `${usage}.crt`), await issueLeaf(request, own, { certificate, key }, now));
  }
}
