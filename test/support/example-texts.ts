import { join } from 'node:path';
import type { FileTree } from '../../src/output/file-tree';
import { outputsOf } from './example-outputs';
import { topologyOf } from './examples';
import { hostsText } from './hosts-text';

/**
 * Both outputs of an example as people review them, by path. The cluster's name is masked where every object and every
 * step has it: texts that differ in it alone are the same text.
 */
export function textsOf(file: string): ReadonlyMap<string, string> {
  const topology = topologyOf(file);
  const { hosts, cluster } = outputsOf(file);
  const texts = [...below('dist', cluster), ...below('hosts', hostsText(hosts, topology.hosts))];
  const own = topology.name.replaceAll('.', '\\.');
  const name = new RegExp(
    `(?<=app\\.kubernetes\\.io/part-of: )${own}$|(?<![\\w-])${own}(?=\\.tfstate)`,
    'gm',
  );
  return new Map(texts.map(([path, text]) => [path, text.replace(name, '<cluster>')]));
}

function below(folder: string, files: FileTree): [string, string][] {
  return [...files].map(([path, text]) => [join(folder, path), text]);
}
