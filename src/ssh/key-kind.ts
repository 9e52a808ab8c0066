import type { HostKey } from '../model/known-hosts';

/** `ECDSA`, `ED25519` or `RSA`, as `ssh-keygen -lf` prints it. */
export function keyKind({ type }: HostKey): string {
  return type.startsWith('ecdsa-') ? 'ECDSA' : type.replace(/^ssh-/, '').toUpperCase();
}
