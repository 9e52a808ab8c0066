import { registriesCopies, registriesFile } from '../model/secrets';
import type { Topology } from '../model/topology';
import type { PrivateFiles } from './private-files';
import type { SecretsReport } from './report';

/**
 * k3s's registries.yaml with credentials, which the user writes: its copies, one in the folder of every node's step,
 * follow it. Nothing happens without one.
 */
export function ensureRegistries(files: PrivateFiles, topology: Topology, report: SecretsReport): void {
  const copies = registriesCopies(topology);
  const original = files.read(registriesFile);
  if (original === undefined) {
    for (const copy of copies.filter((path) => files.read(path) !== undefined))
      report.found(
        'warning',
        `'${copy}' is uploaded, but there is no '${registriesFile}' that it is a copy of: move it there, or delete it`,
      );
    return;
  }
  for (const copy of copies) {
    if (files.read(copy) === original) continue;
    files.replace(copy, original);
    report.changed('copied', copy);
  }
}
