import { Lines } from '../../src/programs/lines';

function linesOf(parts: readonly (string | Buffer)[], longest = 10): string[] {
  const found: string[] = [];
  const lines = new Lines((line) => found.push(line), longest);
  for (const part of parts) lines.add(Buffer.from(part));
  lines.end();
  return found;
}

test('lines are put together of parts, with any end, and the last needs none', () => {
  expect(linesOf(['a', 'b\nc', 'd\r\n', '\n', 'e'])).toEqual(['ab', 'cd', '', 'e']);
  expect(linesOf([])).toEqual([]);
});

test('a character that arrives in two parts is joined', () => {
  const bytes = Buffer.from('✔\n');
  expect(linesOf([bytes.subarray(0, 1), bytes.subarray(1)])).toEqual(['✔']);
});

test('of a line without an end a piece is kept, and the next line is whole', () => {
  expect(linesOf([...Array(1000).fill('0123456789'), '\nnext\n'])).toEqual(['0123456789…', 'next']);
  expect(linesOf(['0123456789\n', '01234567890\n'])).toEqual(['0123456789', '0123456789…']);
});
