import fc from 'fast-check';
import { loadAll, YAML11_SCHEMA } from 'js-yaml';
import { parseAllDocuments } from 'yaml';
import { toYaml } from '../../src/cluster/yaml';
import { anyText } from '../support/any-text';

/** Texts that YAML has another meaning for, beside all others. */
const texts = fc.oneof(
  anyText(),
  fc.string(),
  fc.constantFrom(
    'yes',
    'No',
    'null',
    '~',
    '1e3',
    '.5',
    '0x1f',
    '0o7',
    '012',
    '12:30:45',
    '2001-01-01',
    '1_000',
    '4e9185206786',
    '-1.5e+999',
    '1'.repeat(400),
    `0x${'f'.repeat(300)}`,
  ),
  fc.constantFrom(
    '- a',
    '-',
    '--',
    '?',
    ': ',
    'a: b',
    'a:',
    'a #b',
    '#',
    '*a',
    '&a',
    '!a',
    '|',
    '>',
    '%',
    '@',
    '`',
  ),
  fc.constantFrom(
    'a\nb\n',
    ' a\n',
    'a\n\nb\n',
    'a \n',
    '\n',
    'a\n\n',
    '---\n',
    '=',
    '<<',
    '\u2028',
    '\u0085',
    '1.2.3',
  ),
  fc.stringMatching(/^[\d.:eE_+-]{1,8}$/),
);
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    texts,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(texts, tie('value'), { maxKeys: 4 }),
  ),
})).value;

const readers: [string, (text: string) => unknown[]][] = [
  ['1.1', (text) => loadAll(text, { schema: YAML11_SCHEMA })],
  [
    '1.2',
    (text) => parseAllDocuments(text, { version: '1.2', merge: false }).map((document) => document.toJS()),
  ],
];

test.each(readers)('a reader of YAML %s reads back what was written', (_, read) => {
  fc.assert(
    fc.property(fc.array(fc.dictionary(texts, json), { minLength: 1, maxLength: 3 }), (documents) => {
      expect(read(toYaml(...documents))).toEqual(documents);
    }),
    { numRuns: 300, seed: 1 },
  );
});

test('the manifests look as people write them', () => {
  const document = {
    image: 'quay.io/metallb/controller:v0.16.2',
    args: ['--port=9120', '-v=2'],
    cpu: '10m',
    range: '192.168.10.200-192.168.10.220',
    community: '65000:10',
    flag: 'on',
    empty: {},
    none: [],
    list: [{ a: 1, b: { c: true } }, ['x']],
    script: 'one\n  two\n',
    left: undefined,
  };
  expect(toYaml(document, { second: null })).toMatchInlineSnapshot(`
"image: quay.io/metallb/controller:v0.16.2
args:
  - --port=9120
  - -v=2
cpu: 10m
range: 192.168.10.200-192.168.10.220
community: "65000:10"
flag: "on"
empty: {}
none: []
list:
  - a: 1
    b:
      c: true
  - - x
script: |
  one
    two
---
second: null
"
`);
});
