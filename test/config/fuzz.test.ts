import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020';
import * as fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { parseConfig } from '../../src/config/load';
import { renderIssues } from '../../src/config/render';
import { resolve } from '../../src/model/resolve';
import { anyText } from '../support/any-text';

// Random but seeded changes of the examples: of their text, as typing and pasting go wrong, and of their structure,
// as misunderstandings go wrong. Whatever comes out, the answer is a config or errors with places in the file.

const root = join(__dirname, '..', '..');
const examples = [
  'cluster.yaml',
  ...readdirSync(join(root, 'examples'))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => join('examples', file)),
];
const patterns = `name: patterns
ssh: { user: pi }
groups: { rack1: { roles: [agent], labels: { tier: work }, ssh: { port: 2222 } } }
hosts:
  - { name: server1, address: 192.168.10.11, roles: [database, server] }
  - name: agent[08-11]
    address: agent[8-11].example.net
    nodeIps: ["192.168.10.[21-24]"]
    group: rack1
  - { name: "agent[1-2]", address: "192.168.10.[31-32]", roles: [agent] }
k3s: { version: v1.36.5+k3s1 }
`;
const texts = [...examples.map((file) => readFileSync(join(root, file), 'utf8')), patterns];
const acceptsSchema = new Ajv({ validateFormats: false, strictTypes: false }).compile(
  JSON.parse(readFileSync(join(root, 'schema/cluster.schema.json'), 'utf8')),
);
const runs = { seed: 20260601, numRuns: 200, interruptAfterTimeLimit: 800 } as const;

/** Everything that must hold for any text at all. */
function check(text: string): void {
  const { config, issues } = parseConfig(text, 'cluster.yaml');
  const errors = issues.filter(({ severity }) => severity === 'error');
  expect(config === undefined).toBe(errors.length > 0);
  const lines = text.split('\n');
  for (const { line, column, length, message, code } of issues) {
    const source = lines[line - 1];
    expect(source).toBeDefined();
    expect(column).toBeGreaterThanOrEqual(1);
    expect(column).toBeLessThanOrEqual((source?.length ?? 0) + 1);
    expect(length).toBeGreaterThanOrEqual(1);
    expect(`${code}: ${message}`).toMatch(/^[a-z0-9-]+: [^\n]+$/);
    expect(message).not.toMatch(/undefined|\[object|NaN|ZodError|Invalid input|Unrecognized/);
  }
  expect(renderIssues(issues, () => text, { color: false })).toMatch(/\d+ errors?, \d+ warnings?$/);
  if (config) {
    expect(() => resolve(config)).not.toThrow();
    // The editor must not mark what the tool accepts.
    expect(acceptsSchema(parse(text, { merge: true })) || acceptsSchema.errors).toBe(true);
  }
}

test('patterns of hosts are valid as they are, in editors too', () => {
  expect(parseConfig(patterns, 'cluster.yaml').issues).toEqual([]);
  check(patterns);
  for (const line of [', group: rack1 }', ', roles: [agent] }', ' }']) {
    const data: unknown = parse(patterns.replace(', roles: [agent] }', line));
    expect(acceptsSchema(data)).toBe(line !== ' }');
  }
});

const example = fc.constantFrom(...texts);
/** Anywhere in a file, each place as likely as another: doubles would be close to the start. */
const position = fc.noBias(fc.nat(9999)).map((n) => n / 10_000);
const fragment = fc.oneof(
  fc.constantFrom(
    ':',
    ': ',
    '- ',
    '[',
    ']',
    '{',
    '}',
    ',',
    '"',
    "'",
    '#',
    '\n',
    '\n  ',
    '\t',
    '&a ',
    '*a',
    '<<: *a',
  ),
  fc.constantFrom(
    '|',
    '>',
    '!x ',
    '%',
    '@',
    '`',
    '\u00a0',
    '\u0000',
    '\u001b',
    '\ufeff',
    '🏠',
    '---\n',
    '...\n',
    '~',
    '? ',
  ),
  fc.constantFrom(
    'null',
    'true',
    '1e999',
    '-1',
    '0',
    '.nan',
    '192.168.10.11',
    'fd00::1/64',
    '__proto__: 1\n',
    'v1.36.2+k3s1',
  ),
  anyText({ maxLength: 8 }),
);
const textChange = fc.record({ at: position, remove: fc.nat(40), insert: fragment });

test('changes of the text', () => {
  fc.assert(
    fc.property(example, fc.array(textChange, { minLength: 1, maxLength: 4 }), (text, changes) => {
      check(
        changes.reduce((before, { at, remove, insert }) => {
          const start = Math.floor(at * before.length);
          return before.slice(0, start) + insert + before.slice(start + remove);
        }, text),
      );
    }),
    runs,
  );
});

test('lines that are deleted, doubled, moved and indented', () => {
  const change = fc.record({
    from: position,
    to: position,
    kind: fc.constantFrom('delete', 'copy', 'move', 'indent'),
  });
  fc.assert(
    fc.property(example, fc.array(change, { minLength: 1, maxLength: 3 }), (text, changes) => {
      const lines = text.split('\n');
      for (const { from, to, kind } of changes) {
        const [start, end] = [Math.floor(from * lines.length), Math.floor(to * lines.length)];
        const line = lines[start] ?? '';
        if (kind === 'indent') lines[start] = ` ${line}`;
        if (kind === 'delete' || kind === 'move') lines.splice(start, 1);
        if (kind === 'copy' || kind === 'move') lines.splice(end, 0, line);
      }
      check(lines.join('\n'));
    }),
    runs,
  );
});

/** Values that users might write anywhere. */
const value = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1.5,
    1e21,
    '',
    'yes',
    [],
    {},
    [[]],
    [null],
    { a: 1 },
    ['server'],
    'server',
  ),
  fc.constantFrom<unknown>(
    '192.168.10.11',
    '192.168.10.0/24',
    '192.168.10.[5-8]',
    'agent[01-03]',
    'rack1',
    '192.168.10.1-192.168.10.9',
    'fd00::5',
    '10.42.0.9',
    '::',
    '0.0.0.0/0',
  ),
  fc.constantFrom<unknown>(
    '/',
    '/srv',
    '/dev/sda',
    '~/.ssh/id.pub',
    'a=b:NoSchedule',
    '100%',
    7443,
    'v1.31.0+k3s1',
    'constructor',
  ),
  fc.string({ maxLength: 5 }),
);

/** All places of a structure: each is a container and a key of it. */
function placesOf(node: unknown): [Record<string, unknown>, string][] {
  if (typeof node !== 'object' || node === null) return [];
  const container = node as Record<string, unknown>;
  return Object.keys(container).flatMap((key) => [[container, key], ...placesOf(container[key])]);
}

test('changes of the structure', () => {
  const change = fc.record({
    at: position,
    from: position,
    kind: fc.constantFrom('replace', 'delete', 'add', 'rename', 'copy'),
    value,
  });
  fc.assert(
    fc.property(example, fc.array(change, { minLength: 1, maxLength: 4 }), (text, changes) => {
      const data: unknown = parse(text);
      for (const { at, from, kind, value: replacement } of changes) {
        const places = placesOf(data);
        const [container, key] = places[Math.floor(at * places.length)] ?? [];
        const [source, sourceKey] = places[Math.floor(from * places.length)] ?? [];
        if (!container || key === undefined || !source || sourceKey === undefined) continue;
        if (kind === 'replace') container[key] = replacement;
        if (kind === 'copy') container[key] = structuredClone(source[sourceKey]);
        if (kind === 'add' && !Array.isArray(container)) container[sourceKey] = replacement;
        if (kind === 'rename' || kind === 'delete') {
          if (kind === 'rename' && !Array.isArray(container)) container[`${key}x`] = container[key];
          if (Array.isArray(container)) container.splice(Number(key), 1);
          else delete container[key];
        }
      }
      check(stringify(data));
    }),
    runs,
  );
});

test('any text at all', () => {
  fc.assert(fc.property(anyText({ maxLength: 60 }), check), runs);
});
