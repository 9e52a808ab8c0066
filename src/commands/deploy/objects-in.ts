import { join } from 'node:path';
import { type ObjectName, objectsOf } from '../../kubectl/objects';
import { ManifestFolder } from '../../output/manifest-folder';
import type { Terminal } from '../terminal';
import { DeployError } from './deploy-error';

/** Everything in the folder of manifests, whoever wrote it. @throws DeployError for a file that kubectl could not read */
export function objectsIn(folder: string, terminal: Terminal): ObjectName[] {
  return [...new ManifestFolder(folder).everything()].flatMap(([name, text]) => {
    try {
      return objectsOf([text]);
    } catch (error) {
      throw new DeployError([
        `error: '${terminal.display(join(folder, name))}' is not YAML: ${(error as Error).message.split('\n')[0]}`,
        'stopped: nothing was changed on any host',
      ]);
    }
  });
}
