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

const said = (host: string, message: string) => ({ severity: 'error' as const, host, code: 'x', message });
const texts = (...problems: Parameters<typeof problemSentences>[0]) =>
  problemSentences(problems).map(({ text }) => text);

test('what differs between hosts in a figure only is one finding, with the least and the most', () => {
  expect(
    texts(
      said('agent1', "has only 1.2 GiB of 29 GiB left in '/': see 'du -xh /'"),
      said('agent2', "has only 900 MiB of 29 GiB left in '/': see 'du -xh /'"),
      said('agent3', "has only 1.4 GiB of 29 GiB left in '/': see 'du -xh /'"),
      said('agent4', "has only 0.8 GiB of 29 GiB left in '/': see 'du -xh /'"),
    ),
  ).toEqual([
    "agent1, agent3, agent4: has only 0.8–1.4 GiB of 29 GiB left in '/': see 'du -xh /'",
    "agent2: has only 900 MiB of 29 GiB left in '/': see 'du -xh /'",
  ]);
});

test('numbers of versions, addresses and paths are no figures', () => {
  const messages = ['runs k3s v1.35.1+k3s1', 'runs k3s v1.36.2+k3s1', 'asks 10.0.0.1', 'asks 10.0.0.2'];
  expect(texts(...messages.map((message, i) => said(`a${i + 1}`, message)))).toHaveLength(4);
});

test('a command for one host is one for any where several have the problem', () => {
  const cordoned = (host: string) => said(host, `takes no new pods: 'kubectl uncordon ${host}'`);
  expect(texts(cordoned('a1'))).toEqual(["a1: takes no new pods: 'kubectl uncordon a1'"]);
  expect(texts(...['a1', 'a2', 'a3', 'a10'].map(cordoned))).toEqual([
    "a[1-3], a10: takes no new pods: 'kubectl uncordon NAME'",
  ]);
});

test('two findings of one host stay two', () => {
  const late = (host: string, minutes: number) => said(host, `has an answer that is ${minutes} minutes late`);
  expect(texts(late('a1', 3), late('a1', 5), late('a2', 4))).toEqual([
    'a1, a2: has an answer that is 3–4 minutes late',
    'a1: has an answer that is 5 minutes late',
  ]);
});

test('a cluster in which a thousand hosts have something is a few lines', () => {
  const problems = Array.from({ length: 1000 }, (_, i) =>
    said(`agent${String(i).padStart(3, '0')}`, i % 7 === 0 ? 'is off' : `has ${i} MiB left`),
  );
  const lines = texts(...problems);
  expect(lines).toHaveLength(2);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(200);
});
