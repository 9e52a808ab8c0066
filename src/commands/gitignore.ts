import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What must not get into git: secrets, even behind a link, state, which names every host, and the logs of deploys. known_hosts is
 * not among them: it has public keys, and committing it spares everybody else the question whether to trust a
 * host.
 */
const ignored = ['/secrets', '*.tfstate', '*.tfstate.*', '/cdktf.out/', '/.k3s-cdk/'];

/** Appends what is missing to the .gitignore in `folder` and returns it; lines that are there stay as they are. */
export function ensureGitignore(folder: string): string[] {
  const file = join(folder, '.gitignore');
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const plain = (line: string) => line.trim().replace(/^\/|\/$/g, '');
  const present = new Set(before.split('\n').map(plain));
  const missing = ignored.filter((line) => !present.has(plain(line)));
  if (missing.length === 0) return missing;
  const separator = before === '' || before.endsWith('\n') ? '' : '\n';
  writeFileSync(file, `${before}${separator}${missing.join('\n')}\n`);
  return missing;
}
