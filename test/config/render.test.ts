import { stripVTControlCharacters } from 'node:util';
import type { Issue } from '../../src/config/issue';
import { renderIssues } from '../../src/config/render';

function issue(column: number, length: number, more: Partial<Issue> = {}): Issue {
  const fixed = { severity: 'error', code: 'x', file: 'c.yaml', line: 1, path: '', message: 'no' } as const;
  return { ...fixed, column, length, ...more };
}

function frame(source: string, column: number, length: number): string[] {
  return renderIssues([issue(column, length)], () => source, { color: false })
    .split('\n')
    .slice(1, 3);
}

test('an issue has a place, a sentence, the line, carets and a hint', () => {
  const text = renderIssues([issue(7, 2, { hint: "did you mean 'b'?" })], () => 'name: aa\n', {
    color: false,
  });
  expect(text).toBe(
    [
      'c.yaml:1:7: error: no',
      '   1 | name: aa',
      '     |       ^^',
      "     | hint: did you mean 'b'?",
      '',
      '1 error, 0 warnings',
    ].join('\n'),
  );
});

test('an issue of an empty line has no frame', () => {
  expect(renderIssues([issue(1, 1)], () => '\n', { color: false })).toBe(
    'c.yaml:1:1: error: no\n\n1 error, 0 warnings',
  );
});

test('errors and warnings are counted', () => {
  const issues = [issue(1, 1), issue(1, 1), issue(1, 1, { severity: 'warning' })];
  expect(renderIssues(issues, () => 'a', { color: false })).toMatch(/\n\n2 errors, 1 warning$/);
  expect(renderIssues([], () => '', { color: false })).toBe('0 errors, 0 warnings');
});

test('tabs become spaces, so that the carets stand below their text', () => {
  expect(frame('\tname: a', 8, 1)).toEqual(['   1 |     name: a', '     |           ^']);
});

test('wide characters take two columns and combining ones none', () => {
  expect(frame('家é: 🏠x', 5, 3)).toEqual(['   1 | 家é: 🏠x', '     |      ^^^']);
  expect(frame('e\u0301: x', 5, 1)).toEqual(['   1 | e\u0301: x', '     |    ^']);
});

test('a long line is cut around the column', () => {
  const [code, carets] = frame(`${'a'.repeat(200)}: [${'b'.repeat(200)}]`, 204, 3);
  expect(code?.length).toBeLessThanOrEqual(110);
  expect(code).toMatch(/^ {3}1 \| ….*: \[bbb.*…$/);
  expect(code?.slice(carets?.indexOf('^'), (carets?.lastIndexOf('^') ?? 0) + 1)).toBe('bbb');
});

test('a carriage return and control characters do not reach the terminal', () => {
  expect(frame('a\u001b[31m: 1\r', 1, 1)[0]).toBe('   1 | a\\u001b[31m: 1');
});

test('colours come only when asked for', () => {
  const plain = renderIssues([issue(1, 1)], () => 'a', { color: false });
  const colored = renderIssues([issue(1, 1)], () => 'a', { color: true });
  expect(plain).not.toContain('\u001b');
  expect(colored).toContain('\u001b[31merror:\u001b[39m');
  expect(stripVTControlCharacters(colored)).toBe(plain);
});
