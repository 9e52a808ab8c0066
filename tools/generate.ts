// Writes what is made from the schema of cluster.yaml: `npm run generate`.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonSchema } from './json-schema';
import { reference } from './reference';

const root = join(__dirname, '..');

writeFileSync(join(root, 'schema/cluster.schema.json'), `${JSON.stringify(jsonSchema(), null, 2)}\n`);
writeFileSync(join(root, 'docs/reference/cluster-yaml.md'), reference());
