/** Where a pointer (RFC 6901) leads to, or how far it gets. */
export type Followed =
  | { readonly found: true; readonly value: unknown }
  | {
      readonly found: false;
      /** The last value on the way. */
      readonly around: unknown;
      /** Pointer to it. */
      readonly until: string;
      /** What it does not have. */
      readonly missing: string;
    };

/** `/spec/a~1b` is `['spec', 'a/b']`. */
export function stepsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

export function pointerOf(steps: readonly string[]): string {
  return steps.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

export function follow(value: unknown, steps: readonly string[]): Followed {
  let around = value;
  for (const [depth, step] of steps.entries()) {
    const isList = Array.isArray(around);
    const there =
      typeof around === 'object' &&
      around !== null &&
      (isList ? /^(0|[1-9]\d*)$/.test(step) : true) &&
      Object.hasOwn(around, step);
    if (!there) return { found: false, around, until: pointerOf(steps.slice(0, depth)), missing: step };
    around = (around as Record<string, unknown>)[step];
  }
  return { found: true, value: around };
}
