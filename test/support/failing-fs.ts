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
let refused: { readonly name: string; readonly code: string } | undefined;

/** The `n`th mutation from now on fails, and every one after it: not even cleaning up works. */
export function dieAt(n: number): void {
  remaining = n;
}

/** One of the mutations is refused from now on, and others work. */
export function failWith(code: string, name: (typeof mutations)[number]): void {
  refused = { name, code };
}

export function live(): void {
  remaining = Number.POSITIVE_INFINITY;
  refused = undefined;
}

export function failingFs(): typeof import('node:fs') {
  const real = jest.requireActual<typeof import('node:fs')>('node:fs');
  const wrapped = mutations.map((name) => [
    name,
    (...args: unknown[]) => {
      remaining -= 1;
      if (remaining <= 0)
        throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      if (refused?.name === name) throw Object.assign(new Error(refused.code), { code: refused.code });
      return (real[name] as (...rest: unknown[]) => unknown)(...args);
    },
  ]);
  return { ...real, ...Object.fromEntries(wrapped) };
}
