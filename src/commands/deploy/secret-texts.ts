import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { secretFiles } from '../../model/secrets';
import type { Topology } from '../../model/topology';

/** Tokens, and the lines of private keys: what must not be in a log. */
export function secretTexts(folder: string, topology: Topology): string[] {
  const paths = secretFiles(topology).filter((path) => !path.endsWith('.crt'));
  const lines = paths
    .map((path) => join(folder, path))
    .filter((path) => existsSync(path))
    .flatMap((path) => readFileSync(path, 'utf8').split('\n'));
  return [...new Set(lines.map((line) => line.trim()))].filter(
    (line) => line !== '' && !line.startsWith('-----'),
  );
}
