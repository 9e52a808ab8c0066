import * as fc from 'fast-check';
import { type AddressRange, overlaps } from '../../src/net/address';
import { overlapping } from '../../src/net/overlaps';
import { RangeIndex } from '../../src/net/range-index';

/** Small numbers, so that many ranges touch and overlap. */
const range: fc.Arbitrary<AddressRange> = fc
  .record({ family: fc.constantFrom(4 as const, 6 as const), start: fc.nat(30), length: fc.nat(6) })
  .map(({ family, start, length }) => ({ family, first: BigInt(start), last: BigInt(start + length) }));
const ranges = fc.array(range, { maxLength: 12 });

test('an index finds an overlapping range exactly when there is one', () => {
  fc.assert(
    fc.property(ranges, range, (list, asked) => {
      const found = new RangeIndex(list.map((each) => [each, each] as const)).overlapping(asked);
      expect(found !== undefined).toBe(list.some((each) => overlaps(each, asked)));
      if (found) expect(overlaps(found, asked)).toBe(true);
    }),
    { seed: 1 },
  );
});

test('a list has overlapping pairs exactly when two of its ranges overlap', () => {
  fc.assert(
    fc.property(ranges, (list) => {
      const items = list.map((each) => ({ range: each }));
      const pairs = overlapping(items);
      const any = items.some((a, n) => items.slice(0, n).some((b) => overlaps(a.range, b.range)));
      expect(pairs.length > 0).toBe(any);
      for (const [a, b] of pairs) expect(overlaps(a.range, b.range) && a !== b).toBe(true);
    }),
    { seed: 1 },
  );
});
