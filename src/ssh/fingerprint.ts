import { createHash } from 'node:crypto';
import type { HostKey } from '../model/known-hosts';

/** `SHA256:…`, as `ssh-keygen -lf` prints it. */
export function fingerprint({ key }: HostKey): string {
  const hash = createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64');
  return `SHA256:${hash.replace(/=+$/, '')}`;
}

/** `ECDSA`, `ED25519` or `RSA`, as `ssh-keygen -lf` prints it. */
export function keyKind({ type }: HostKey): string {
  return type.startsWith('ecdsa-') ? 'ECDSA' : type.replace(/^ssh-/, '').toUpperCase();
}
