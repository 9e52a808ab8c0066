import fc from 'fast-check';
import { type AlikeHosts, mergedLines } from '../../src/review/merged-lines';

const names = (hosts: readonly string[]) => hosts.join(',');
const text = (host: string, ...lines: string[]): AlikeHosts => ({
  hosts: [host],
  lines: lines.map((line) => ({
    depth: line.search(/\S/) / 4,
    text: line.trim(),
    masked: line.trim().replace(host, '<host>'),
  })),
});

test('what hosts share stands once, and a line of some names them', () => {
  expect(
    mergedLines([text('a', 'step', '    x', '    y'), text('b', 'step', '    y', '    z')], names),
  ).toEqual(['step', '    x  ← a', '    y', '    z  ← b']);
});

test('what belongs to a line has the hosts of that line', () => {
  expect(mergedLines([text('a', 'step', '    x'), text('b', 'other', '    x')], names)).toEqual([
    'step  ← a',
    '    x',
    'other  ← b',
    '    x',
  ]);
});

test('what each host has of its own is the same, unless all of them have the same', () => {
  expect(
    mergedLines([text('h1', 'name h1', 'peers h1 h2'), text('h2', 'name h2', 'peers h1 h2')], names),
  ).toEqual(['name <host>', 'peers h1 h2']);
  expect(mergedLines([text('h1', 'only h1'), text('h2', 'x')], names)).toEqual(['only h1  ← h1', 'x  ← h2']);
});

test('without the lines of others, it is the text of each host', () => {
  const line = fc.constantFrom('x', 'y', 'z', '}', '{');
  const texts = fc.array(fc.array(line, { maxLength: 12 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(texts, (all) => {
      const hosts = all.map((lines, index) => text(`h${index}`, ...lines));
      const merged = mergedLines(hosts, names);
      all.forEach((lines, index) => {
        const own = merged.flatMap((shown) => {
          const [line = '', those] = shown.split('  ← ');
          return those === undefined || those.split(',').includes(`h${index}`) ? [line] : [];
        });
        expect(own).toEqual(lines);
      });
    }),
  );
});
