import { createHash } from 'node:crypto';
import { previousTokens, tokenFile } from '../model/secrets';
import type { PrivateFiles } from './private-files';

/** Digits of a hash that k3s names the cluster's data in the database by. */
const digits = 12;

/** Hashes of the servers' tokens that are here, the present one first: as lib-token.sh makes them of hosts' files. */
export function tokenHashes(files: PrivateFiles): string[] {
  const texts = [files.read(tokenFile), files.read(previousTokens(tokenFile))];
  return texts.flatMap((text) => text?.split('\n').flatMap((line) => (line.trim() ? hash(line) : [])) ?? []);
}

/** Without the authority's hash and the user's name, which k3s takes off too. */
function hash(token: string): string {
  const text = token
    .trim()
    .replace(/^K10[^:]*::/, '')
    .replace(/^[^:]*:/, '');
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}
