import { readdirSync } from 'node:fs';
import { recordKinds } from '../model/renamed-cluster';

/** Names of other clusters that have records in the folder of cluster.yaml. */
export function otherClusters(folder: string, name: string): string[] {
  const names = readdirSync(folder).flatMap((file) => {
    const [cluster = '', kind] = file.split('.tfstate.');
    return recordKinds.some((each) => each === kind) ? [cluster] : [];
  });
  return [...new Set(names)].filter((each) => each !== name);
}
