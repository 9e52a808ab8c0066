import { fillLines, shorten, textWidth } from '../../src/diagram/text';

test('a text that is too wide loses its middle and then fits', () => {
  const text = shorten('a-name-of-many-letters-7', 'name', 100);
  expect(text).toBe('a-nam…ers-7');
  expect(textWidth(text, 'name')).toBeLessThanOrEqual(100);
});

test('what does not fit into the lines is counted, to the last one', () => {
  const items = Array.from({ length: 50 }, (_, i) => `name${i}`);
  const lines = fillLines(items, 'note', 120, 3);
  expect(lines).toHaveLength(3);
  const shown = lines.slice(0, 2).join(', ').split(', ');
  expect(lines[2]).toBe(`and ${50 - shown.length} more`);
});
