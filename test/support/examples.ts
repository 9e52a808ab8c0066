import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { loadConfig } from '../../src/config/load';
import { renderIssues } from '../../src/config/render';
import { resolve } from '../../src/model/resolve';
import type { HostKeys } from '../../src/model/ssh';
import type { Topology } from '../../src/model/topology';

/** Every cluster description that we ship, by its name; the one at the root is `reference`. */
export const examples: readonly (readonly [name: string, file: string])[] = [
  ['reference', 'cluster.yaml'],
  ...readdirSync('examples')
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => [basename(file, '.yaml'), join('examples', file)] as const),
];

/** The topology of a file that must be valid, without warnings. */
export function topologyOf(file: string, hostKeys?: HostKeys): Topology {
  const { config, issues, sources } = loadConfig(file);
  if (!config || issues.length > 0) throw new Error(renderIssues(issues, sources.textOf, { color: false }));
  return resolve(config, hostKeys);
}
