import { join } from 'node:path';
import type { FileTree } from '../../src/output/file-tree';
import { outputsOf } from './example-outputs';
import { topologyOf } from './examples';
import { terraformText } from './terraform-text';

/**
 * The outputs of an example as people review them, by path, and what Terraform does; scripts are sources, so they are
 * left out. The cluster's name is masked where every object and every
 * step has it: texts that differ in it alone are the same text.
 */
export function textsOf(file: string): ReadonlyMap<string, string> {
  const topology = topologyOf(file);
  const { hosts, cluster, text } = outputsOf(file);
  const pages = new Map([...text].filter(([path]) => !path.startsWith('scripts/')));
  const texts = [
    ...below('dist', cluster),
    ...below('hosts', pages),
    ...below('terraform', terraformText(hosts, topology.hosts)),
  ];
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
