import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasPassphrase } from '../../preflight/private-key';

/** The key that `ssh` would use, if Terraform can use it, too. */
export type SshKey =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'agent'; readonly why: string }
  | { readonly kind: 'none' };

/** OpenSSH's own order, of the types that Terraform reads. */
const names = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

/** Looks for a key in `~/.ssh`. Terraform cannot ask for a passphrase, so an encrypted one is the agent's. */
export function findSshKey(home: string, hasAgent: boolean): SshKey {
  const path = names.map((name) => `~/.ssh/${name}`).find((name) => existsSync(name.replace('~', home)));
  if (path === undefined) return hasAgent ? { kind: 'agent', why: 'no key is in ~/.ssh' } : { kind: 'none' };
  if (hasPassphrase(readFileSync(join(home, path.slice(2)), 'utf8')))
    return { kind: 'agent', why: `${path} has a passphrase, which Terraform cannot ask for` };
  return { kind: 'file', path };
}
