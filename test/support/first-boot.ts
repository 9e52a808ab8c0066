import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureFirstBoot, type FirstBootOptions } from '../../src/secrets/first-boot/ensure';
import { PrivateFiles } from '../../src/secrets/private-files';
import { SecretsReport } from '../../src/secrets/report';
import type { Project } from './project';

/** Makes the key that cluster.yaml of the project names as `./id`. */
export function makeLoginKey(project: Project): void {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'me', '-f', join(project.folder, 'id')]);
}

/** `init --first-boot` in the project, without its output. */
export async function firstBootOf(project: Project, options: Partial<FirstBootOptions> = {}) {
  const report = new SecretsReport();
  const result = await ensureFirstBoot(
    project.topology(),
    { folder: project.folder, nameservers: [], timeZone: 'Europe/Berlin', ...options },
    new PrivateFiles(project.folder),
    report,
  );
  return { ...result, report };
}
