// Writes what is made from the schema of cluster.yaml and from the recorded session, the pictures of layouts, and the
// page about licenses: `npm run generate`.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonSchema } from './json-schema';
import { layouts } from './layouts';
import { licenses } from './licenses';
import { movingPicture } from './moving-picture/moving-picture';
import { reference } from './reference';

const root = join(__dirname, '..');

writeFileSync(join(root, 'schema/cluster.schema.json'), `${JSON.stringify(jsonSchema(), null, 2)}\n`);
writeFileSync(join(root, 'docs/reference/cluster-yaml.md'), reference());
writeFileSync(
  join(root, 'docs/deploy.svg'),
  movingPicture(readFileSync(join(root, 'docs/tutorials/session.cast'), 'utf8')),
);
const layoutsPage = join(root, 'docs/how-to/layouts.md');
writeFileSync(layoutsPage, layouts(readFileSync(layoutsPage, 'utf8'), picture));
licenses(root).then((page) => writeFileSync(join(root, 'docs/reference/licenses.md'), page));

/** Scripts are part of what draws it, which only the built program can load. */
function picture(yaml: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'k3s-cdk-'));
  try {
    const file = join(folder, 'cluster.yaml');
    writeFileSync(file, yaml);
    const args = [join(root, 'bin/k3s-cdk.js'), 'diagram', '--format', 'mermaid', '-f', file];
    return execFileSync(process.execPath, args, { encoding: 'utf8' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
