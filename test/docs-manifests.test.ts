import { readFileSync } from 'node:fs';
import { scratchFolders } from './support/scratch';
import { validated } from './support/validated';

const scratch = scratchFolders();

const page = readFileSync('docs/how-to/manifests.md', 'utf8');
const parts = [...page.matchAll(/\n## (.*)\n([\s\S]*?)(?=\n## |$)/g)].map(
  ([, name = '', text = '']) => [name, text] as const,
);
const examples = [['the first', page.slice(0, page.indexOf('\n## '))] as const, ...parts].flatMap(
  ([name, text]) =>
    [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block = '']) => [name, block] as const),
);

test('what people do with YAML of their own has an example each', () => {
  expect(new Set(examples.map(([name]) => name))).toEqual(
    new Set(['the first', ...parts.map(([name]) => name)]),
  );
});

test.each(examples)('nothing is wrong with an example of manifests: %s', (_, sections) => {
  const files = { 'manifests/whoami.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: whoami }\n' };
  expect(validated(scratch(), sections, files)).toEqual([]);
});
