import { readdirSync } from 'node:fs';
import { noteKinds } from '../model/renamed-cluster';

/** Names of other clusters that have notes in the folder of cluster.yaml. */
export function otherClusters(folder: string, name: string): string[] {
  const names = readdirSync(folder).flatMap((file) => {
    const [cluster = '', kind] = file.split('.tfstate.');
    return noteKinds.some((each) => each === kind) ? [cluster] : [];
  });
  return [...new Set(names)].filter((each) => each !== name);
}
