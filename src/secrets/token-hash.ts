import { createHash } from 'node:crypto';
import { previousTokens, tokenFile } from '../model/secrets';
import type { PrivateFiles } from './private-files';

/** Digits of a hash by which k3s names the cluster's data in the database. */
const digits = 12;

/**
 * Hashes of the local server tokens, the current one first, computed as lib-token.sh does for files on hosts.
 */
export function tokenHashes(files: PrivateFiles): string[] {
  const texts = [files.read(tokenFile), files.read(previousTokens(tokenFile))];
  return texts.flatMap((text) => text?.split('\n').flatMap((line) => (line.trim() ? hash(line) : [])) ?? []);
}

/** Without the CA's hash and the user's name, which k3s strips, too. */
function hash(token: string): string {
  const text = token
    .trim()
    .replace(/^K10[^:]*::/, '')
    .replace(/^[^:]*:/, '');
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}
