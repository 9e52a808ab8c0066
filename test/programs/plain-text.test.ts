import { forTerminal, plainText } from '../../src/programs/plain-text';
import { processorTime } from '../support/processor-time';

test.each([
  ['a colour', 'a\u001b[31mb\u001b[0m', 'ab'],
  ['a cursor that moves, and a screen that is emptied', '\u001b[2J\u001b[1;1Hgone\u001b[?25l', 'gone'],
  ['a title, ended by a bell', '\u001b]0;title\u0007text', 'text'],
  ['a title, ended as the standard has it', '\u001b]0;title\u001b\\text', 'text'],
  ['a link', '\u001b]8;;http://x\u001b\\text\u001b]8;;\u001b\\', 'text'],
  ['a clipboard that is filled', '\u001b]52;c;aWQK\u0007', ''],
  ['a device control string', 'a\u001bP1$r0m\u001b\\b', 'ab'],
  ['a reset of the terminal', '\u001bcb', 'b'],
  ['a lone escape at the end', 'a\u001b', 'a'],
  ['a sequence that breaks off', 'a\u001b[31', 'a31'],
  ['the control characters of one byte that do the same', 'a\u009b31mb', 'a 31mb'],
  ['what writes over what was there', 'safe\rdangerous\u0008', 'safe dangerous '],
  ['what a bell and a null do', 'a\u0007b\u0000c', 'a b c'],
  ['text that reads backwards', 'a\u202etxt.exe\u2066b', 'a txt.exe b'],
  ['lines, tabs and other scripts stay', 'a\tb\nc\r\nd ✔ ünï 漢', 'a\tb\nc\nd ✔ ünï 漢'],
])('%s', (_, text, plain) => {
  expect(plainText(text)).toBe(plain);
  expect(plainText(plain)).toBe(plain);
});

test('printed text keeps only our own styles', () => {
  expect(
    forTerminal('\u001b[1mtitle\u001b[22m \u001b[31merror:\u001b[39m a\u001b[8mb\u001b[2Jc\u001b]0;x\u0007'),
  ).toBe('\u001b[1mtitle\u001b[22m \u001b[31merror:\u001b[39m abc');
});

test('a text of nothing but escapes takes no time', () => {
  const parts = ['\u001b', '\u001b[', '\u001b]', '\u001b[3', '\r', '\u001bP'];
  const texts = parts.map((part) => part.repeat(500_000));
  expect(processorTime(() => texts.map(plainText))).toBeLessThan(5000);
});
