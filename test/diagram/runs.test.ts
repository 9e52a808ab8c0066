import { runs } from '../../src/diagram/runs';
import { fillLines, shorten, textWidth } from '../../src/diagram/text';

test.each([
  [['agent1', 'agent2', 'agent3'], ['agent1–agent3']],
  [
    ['agent1', 'agent2', 'b1'],
    ['agent1', 'agent2', 'b1'],
  ],
  [
    ['n08', 'n09', 'n10', 'x'],
    ['n08–n10', 'x'],
  ],
  [
    ['n9', 'n010', 'n11'],
    ['n9', 'n010', 'n11'],
  ],
  [
    ['10.0.0.9', '10.0.0.10', '10.0.0.11', '10.0.1.12'],
    ['10.0.0.9–10.0.0.11', '10.0.1.12'],
  ],
  [
    ['a', 'b'],
    ['a', 'b'],
  ],
])('%j is written as %j', (names, text) => {
  expect(runs(names)).toEqual(text);
});

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
