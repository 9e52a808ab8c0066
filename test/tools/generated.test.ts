import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020';
import { parse } from 'yaml';
import { parseConfig } from '../../src/config/load';
import { diagramMermaid } from '../../src/diagram/mermaid';
import { resolve } from '../../src/model/resolve';
import { familyOf } from '../../src/net/address';
import { synth } from '../../src/synth';
import { type JsonSchema, jsonSchema } from '../../tools/json-schema';
import { layouts } from '../../tools/layouts';
import { licenses } from '../../tools/licenses';
import { movingPicture } from '../../tools/moving-picture/moving-picture';
import { reference } from '../../tools/reference';

const root = join(__dirname, '..', '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const examples = [
  'cluster.yaml',
  ...readdirSync(join(root, 'examples'))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => join('examples', file)),
];

test('schema and reference match the current sources: run `npm run generate`', () => {
  expect(JSON.parse(read('schema/cluster.schema.json'))).toEqual(JSON.parse(JSON.stringify(jsonSchema())));
  expect(read('docs/reference/cluster-yaml.md')).toBe(reference());
});

test('the moving picture is that of the recorded session: run `npm run generate`', () => {
  expect(read('docs/deploy.svg')).toBe(movingPicture(read('docs/tutorials/session.cast')));
});

test('each layout on its page is valid and has its picture: run `npm run generate`', () => {
  const page = read('docs/how-to/layouts.md');
  const topologyOf = (yaml: string) => {
    const { config, issues } = parseConfig(yaml, 'cluster.yaml');
    if (!config || issues.length > 0) throw new Error(`${yaml}\n${issues[0]?.message}`);
    return resolve(config);
  };
  expect(layouts(page, (yaml) => diagramMermaid(topologyOf(yaml)))).toBe(page);
  const texts = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = '']) => yaml);
  const topologies = texts.map(topologyOf);
  expect(topologies.map(({ hosts }) => hosts.length)).toEqual([2, 3, 4, 8, 9]);
  for (const topology of topologies) expect(synth(topology).steps.length).toBeGreaterThan(5);
  // What the page says of losing machines rests on these.
  expect(topologies.map(({ quorum }) => quorum.map(({ name }) => name))).toEqual([
    [],
    ['first', 'second', 'third'],
    ['storage1', 'storage2', 'server1'],
    ['storage1', 'storage2', 'server1'],
    [],
  ]);
  const [two = ''] = texts;
  const { issues } = parseConfig(two.replace('[server]', '[database, server]'), 'cluster.yaml');
  expect(issues.map(({ severity }) => severity)).toContain('error');
});

test('the page about licenses is that of the present packages: run `npm run generate`', async () => {
  const page = await licenses(root);
  expect(read('docs/reference/licenses.md')).toBe(page);
  expect(page).not.toContain('undefined');
});

test('every key has a description, and a default when it may be left out', () => {
  const gaps: string[] = [];
  const visit = (path: string, schema: JsonSchema) => {
    for (const [key, property] of Object.entries(schema.properties ?? {})) {
      const name = `${path}.${key}`;
      const { description = '' } = property;
      if (description === '') gaps.push(`${name} has no description`);
      const optional = !schema.required?.includes(key) && property.default === undefined;
      if (optional && !/Default\b.*: |Without it/.test(description)) gaps.push(`${name} has no default`);
      visit(name, property);
    }
    for (const part of [schema.items, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) {
      if (part) visit(path, part);
    }
  };
  visit('', jsonSchema());
  expect(gaps).toEqual([]);
});

describe('editors that check with the schema', () => {
  const formats = {
    ipv4: (text: string) => familyOf(text) === 4,
    ipv6: (text: string) => familyOf(text) === 6,
    email: true as const,
    uri: true as const,
  };
  const accepts = new Ajv({ formats, allErrors: true, strictTypes: false }).compile(
    JSON.parse(read('schema/cluster.schema.json')),
  );

  test.each(examples)('accept %s', (file) => {
    accepts(parse(read(file)));
    expect(accepts.errors ?? []).toEqual([]);
  });

  test.each([
    'unknown-key',
    'unknown-section',
    'missing-key',
    'role-misspelt',
    'port-as-text',
    'hosts-as-mapping',
    'version-without-v',
    'path-relative',
    'address-with-prefix',
    'host-name-upper-case',
  ])('refuse the broken file %s', (file) => {
    expect(accepts(parse(read(`test/fixtures/broken/${file}.yaml`)))).toBe(false);
  });

  test.each(examples)('find the schema from the first line of %s', (file) => {
    const [, path = ''] = /^# yaml-language-server: \$schema=(\S+)/.exec(read(file)) ?? [];
    expect(join(root, file, '..', path)).toBe(join(root, 'schema/cluster.schema.json'));
  });
});
