// Writes what is made from the schema of cluster.yaml, and the page about licenses: `npm run generate`.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonSchema } from './json-schema';
import { licenses } from './licenses';
import { reference } from './reference';

const root = join(__dirname, '..');

writeFileSync(join(root, 'schema/cluster.schema.json'), `${JSON.stringify(jsonSchema(), null, 2)}\n`);
writeFileSync(join(root, 'docs/reference/cluster-yaml.md'), reference());
licenses(root).then((page) => writeFileSync(join(root, 'docs/reference/licenses.md'), page));
