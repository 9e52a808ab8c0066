import { dirname, join } from 'node:path';
import { synthCluster, type UserCharts } from './cluster/cluster-app';
import { loadConfig } from './config/load';
import { resolve } from './model/resolve';
import type { FileChange } from './output/file-tree';
import { ManifestFolder } from './output/manifest-folder';
import { signed } from './output/manifest-header';
import { writeAll } from './output/output-folder';
import { UserError } from './user-error';

/**
 * Writes the charts of a program to `dist/` beside cluster.yaml, where `k3s-cdk deploy` and `kubectl apply -f dist` find
 * them. Files whose charts are gone are removed, all others left alone; `k3s-cdk synth` leaves these alone.
 *
 * @param file cluster.yaml
 * @returns what changed in the folder
 * @throws UserError when cluster.yaml is wrong, or when a chart makes what the API server would refuse; nothing is
 * written then
 */
export function writeCharts(file: string, userCharts: UserCharts): readonly FileChange[] {
  const { config, issues } = loadConfig(file);
  if (!config)
    throw new UserError(
      issues.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`).join('\n'),
    );
  const { ownFiles } = synthCluster(resolve(config), userCharts);
  const output = new ManifestFolder(join(dirname(file), 'dist'), 'program');
  const tree = signed('program', ownFiles);
  const changes = output.changes(tree);
  writeAll([{ output, tree }]);
  return changes;
}
