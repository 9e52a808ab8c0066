// Writes what is made from the schema of cluster.yaml and from the recorded session, and the page about licenses:
// `npm run generate`.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonSchema } from './json-schema';
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
licenses(root).then((page) => writeFileSync(join(root, 'docs/reference/licenses.md'), page));
