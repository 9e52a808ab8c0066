import { asksForJson, JsonReport } from '../../src/commands/json-report';

test('one object has the exit code, what was found, and every problem', () => {
  const report = new JsonReport();
  report.add({ problems: [{ severity: 'warning', code: 'clock-off', host: 'server1', message: 'is late' }] });
  report.add({ cluster: 'homelab' });
  report.hear('error: no key is known');
  report.hear('  more about it');
  report.hear('warning: is late');
  expect(JSON.parse(report.end(1))).toEqual({
    exitCode: 1,
    cluster: 'homelab',
    problems: [
      { severity: 'warning', code: 'clock-off', host: 'server1', message: 'is late' },
      { severity: 'error', code: 'failed', message: 'no key is known' },
    ],
  });
});

test('a command that goes on prints a line each time, and the exit code in the last', () => {
  const report = new JsonReport();
  const problem = { severity: 'error', code: 'drift', message: 'differs' } as const;
  report.add({ cluster: 'homelab', problems: [problem] });
  const first = report.next();
  report.add({ cluster: 'homelab', problems: [] });
  const lines = [first, report.next(), report.end(130)];
  expect(lines.join('')).not.toContain('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { cluster: 'homelab', problems: [problem] },
    { cluster: 'homelab', problems: [] },
    { exitCode: 130, problems: [] },
  ]);
});

test.each([
  [true, ['status', '--json']],
  [true, ['status', '--format', 'json']],
  [true, ['status', '--format=json', '--nope']],
  [false, ['status', '--format', 'text']],
  [false, ['diagram', '-o', 'json']],
  [false, ['restore', '--', '--json']],
])('%s: %j asks for JSON', (expected, argv) => {
  expect(asksForJson(argv)).toBe(expected);
});
