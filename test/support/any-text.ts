import fc from 'fast-check';

/**
 * Text of any characters. Unlike fast-check's `unit: 'binary'` it builds no table of all million characters, which
 * takes longer than the tests.
 */
export function anyText(constraints: { readonly maxLength?: number } = {}): fc.Arbitrary<string> {
  const character = fc
    .oneof(fc.integer({ min: 0, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff }))
    .map((code) => String.fromCodePoint(code));
  return fc.string({ ...constraints, unit: character });
}
