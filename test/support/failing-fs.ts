/**
 * `node:fs` of a process that dies: from the given mutation on, every one of them throws. Use it as
 * `jest.mock('node:fs', () => failingFs())` and call `dieAt(n)` before what is tested.
 */
const mutations = [
  'mkdirSync',
  'writeFileSync',
  'renameSync',
  'rmSync',
  'rmdirSync',
  'linkSync',
  'copyFileSync',
  'symlinkSync',
] as const;

let remaining = Number.POSITIVE_INFINITY;

/** The `n`th mutation from now on fails, and every one after it: not even cleaning up works. */
export function dieAt(n: number): void {
  remaining = n;
}

export function live(): void {
  remaining = Number.POSITIVE_INFINITY;
}

export function failingFs(): typeof import('node:fs') {
  const real = jest.requireActual<typeof import('node:fs')>('node:fs');
  const wrapped = mutations.map((name) => [
    name,
    (...args: unknown[]) => {
      remaining -= 1;
      if (remaining <= 0)
        throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      return (real[name] as (...rest: unknown[]) => unknown)(...args);
    },
  ]);
  return { ...real, ...Object.fromEntries(wrapped) };
}
