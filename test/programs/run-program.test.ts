import { PassThrough } from 'node:stream';
import { runProgram } from '../../src/programs/run-program';

const timeoutMs = 50_000;
const shell = (script: string, options: object = {}) =>
  runProgram('sh', ['-c', script], { timeoutMs, ...options });

test("a program's output is collected, with its exit", async () => {
  expect(await shell('echo a; echo b >&2; exit 3')).toEqual({
    stdout: 'a\n',
    stderr: 'b\n',
    exitCode: 3,
    timedOut: false,
    exceededMaxBytes: false,
  });
});

test.each([
  ['its output', 'exec yes'],
  ['its complaints', 'exec yes >&2'],
  ['one line', 'exec tr "\\0" x </dev/zero'],
  ['what it does not want to stop', 'trap "" TERM PIPE; while :; do echo xxxxxxxxxxxxxxxx; done'],
])('a program without an end in %s is ended, and takes no memory', async (_, script) => {
  const { exceededMaxBytes, stdout, stderr } = await shell(script, { maxBytes: 1_000_000 });
  expect(exceededMaxBytes).toBe(true);
  expect(Math.max(stdout.length, stderr.length)).toBeLessThanOrEqual(1_000_000);
});

test('what is asked for as a stream may be longer, and complaints beside it may not', async () => {
  const output = new PassThrough().resume();
  const result = await shell('head -c 3000000 /dev/zero', { maxBytes: 1000, output });
  expect(result).toMatchObject({ exitCode: 0, exceededMaxBytes: false });
  expect(await shell('exec yes >&2', { maxBytes: 1000, output })).toMatchObject({ exceededMaxBytes: true });
});
