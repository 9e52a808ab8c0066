import { spawnSync } from 'node:child_process';

/** Whether a program answers; `args` make it say its version or the like. */
export function answers(program: string, ...args: string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore', timeout: 20_000 }).error === undefined;
}

/**
 * `test`, when what it needs is there; otherwise the tests are skipped, and the reason is said in one line.
 *
 * @param reason what is missing and how to get it
 */
export function testWhen(available: boolean, reason: string): jest.It {
  // Not there for tools, which use what lies beside tests.
  const { test } = globalThis;
  if (available) return test;
  process.stderr.write(`skipped: ${reason}\n`);
  return test?.skip;
}
