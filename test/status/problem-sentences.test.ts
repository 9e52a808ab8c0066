import { problemSentences } from '../../src/status/problem-sentences';

const problem = (host: string, severity: 'error' | 'warning') => ({
  severity,
  host,
  code: 'off',
  message: 'is off',
});

test('a problem of several hosts is one sentence for those that it concerns as much', () => {
  expect(problemSentences([problem('a', 'warning'), problem('b', 'error'), problem('c', 'warning')])).toEqual(
    [
      { severity: 'warning', text: 'a, c: is off' },
      { severity: 'error', text: 'b: is off' },
    ],
  );
});
