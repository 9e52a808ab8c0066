import { join } from 'node:path';
import { loadConfig } from '../../src/config/load';
import { resolve } from '../../src/model/resolve';
import type { Topology } from '../../src/model/topology';

/** Clusters that set every field of the schema that takes a text; which of their outputs hold it, snapshots say. */
export function everyField(cluster: 'one-database' | 'two-databases' | 'external-database'): Topology {
  const { config, issues } = loadConfig(join('test/fixtures/every-text', `${cluster}.yaml`));
  if (!config) throw new Error(issues.map(({ message }) => message).join('\n'));
  return resolve(config);
}
