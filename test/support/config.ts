import { join } from 'node:path';
import type { Config } from '../../src/config/config';
import { loadConfig, parseConfig } from '../../src/config/load';

/** The config of a text, which must be valid. @param folder what its paths are relative to */
export function configOf(text: string, folder = '.'): Config {
  const { config, issues } = parseConfig(text, 'cluster.yaml', folder);
  if (!config) throw new Error(issues.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  return config;
}

/** The config of a file in the repository: `examples/dual-stack.yaml`. */
export function configOfFile(file: string): Config {
  const { config, issues } = loadConfig(join(__dirname, '..', '..', file), file);
  if (!config) throw new Error(issues.map(({ line, message }) => `${file}:${line}: ${message}`).join('\n'));
  return config;
}
