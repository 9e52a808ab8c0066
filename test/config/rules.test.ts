import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/load';
import { rules } from '../../src/config/rules';

const root = join(__dirname, '..', '..');
const broken = ['broken', 'metallb'].map((folder) => join(root, 'test', 'fixtures', folder));
const examples = [
  'cluster.yaml',
  ...readdirSync(join(root, 'examples'))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => join('examples', file)),
];

test.each(examples)('%s breaks no rule', (file) => {
  const { config, issues } = loadConfig(join(root, file), file);
  expect(issues).toEqual([]);
  expect(config).toBeDefined();
});

const found = new Set(
  broken
    .flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)))
    .filter((file) => file.endsWith('.yaml'))
    .flatMap((file) => loadConfig(file, file).issues.map(({ code }) => code)),
);

test.each(Object.keys(rules))("the rule '%s' is broken by one of the broken files", (code) => {
  expect(found).toContain(code);
});
