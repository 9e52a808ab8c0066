import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from '@swc/core';
import { processorTime } from './support/processor-time';
import { attacks } from './support/regexp-attacks';

// What people write into cluster.yaml, and what hosts and programs answer, is matched by these. None may take long,
// whatever the text is.

/** Repetitions of an attack: what grows exponentially shows at the first, what grows with the square at the last. */
const sizes = [22, 300, 20_000];

/** Milliseconds of processor time: thirty times what the largest takes where the time grows with the length. */
const limit = 12;

const root = join(__dirname, '..');

function sourcesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourcesBelow(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
}

/** Nodes of a syntax tree, all the way down. */
function* nodesOf(node: unknown): Iterable<Readonly<Record<string, unknown>>> {
  if (typeof node !== 'object' || node === null) return;
  yield node as Record<string, unknown>;
  for (const member of Object.values(node)) yield* nodesOf(member);
}

const sources = sourcesBelow(join(root, 'src')).map((path) => ({
  file: path.slice(root.length + 1),
  nodes: [...nodesOf(parseSync(readFileSync(path, 'utf8'), { syntax: 'typescript' }))],
}));

/** What an expression takes long for; undefined when there is nothing. What is compiled meanwhile counts once, not every time. */
function slowAttack(expression: RegExp): string | undefined {
  const once = new RegExp(expression.source, expression.flags.replace('g', ''));
  const isSlow = (text: string) => processorTime(() => once.test(text)) > limit;
  for (const size of sizes)
    for (const text of attacks(expression, size))
      if (isSlow(text) && isSlow(text) && isSlow(text)) return text;
  return undefined;
}

test('no regular expression takes long for any text', () => {
  const slow = sources.flatMap(({ file, nodes }) =>
    nodes
      .filter(({ type }) => type === 'RegExpLiteral')
      .map(({ pattern, flags }) => new RegExp(String(pattern), String(flags)))
      .flatMap((expression) => {
        const text = slowAttack(expression);
        return text === undefined ? [] : [`${file}: ${expression} takes long for '${text.slice(0, 20)}…'`];
      }),
  );
  expect(slow).toEqual([]);
});

test('none is built from a text at run time, where this test could not check it', () => {
  const made = sources.filter(({ nodes }) =>
    nodes.some(
      ({ type, callee }) => type === 'NewExpression' && (callee as { value?: unknown }).value === 'RegExp',
    ),
  );
  expect(made.map(({ file }) => file)).toEqual([]);
});

test.each([
  ['alternatives in a loop', /^[^\s:@]+(:\d+)?(\/[^\s:@]+)*(:[\w][\w.-]{0,127})?$/],
  ['a loop in a loop', /^(a+)+$/],
  ['an end that is looked for from every start', /\/+$/],
])('%s is found to take long', (_, expression) => {
  expect(slowAttack(expression)).toBeDefined();
});
