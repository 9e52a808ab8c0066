import type { AddressRange } from './address';

/** Finds ranges that overlap a given one, in logarithmic time. */
export class RangeIndex<T> {
  private readonly families: Readonly<Record<4 | 6, Entry<T>[]>>;

  constructor(entries: Iterable<readonly [AddressRange, T]>) {
    const families: Record<4 | 6, Entry<T>[]> = { 4: [], 6: [] };
    for (const [range, value] of entries) families[range.family].push({ range, value });
    for (const family of [families[4], families[6]]) {
      family.sort((a, b) => compare(a.range.first, b.range.first));
      let furthest: Entry<T> | undefined;
      for (const entry of family) {
        if (!furthest || entry.range.last > furthest.range.last) furthest = entry;
        entry.furthest = furthest;
      }
    }
    this.families = families;
  }

  /** A value whose range overlaps this one, if there is any. */
  overlapping(range: AddressRange): T | undefined {
    const entries = this.families[range.family];
    // Of all ranges that start before this one ends, only the one with the greatest end needs checking.
    let low = 0;
    let high = entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((entries[middle]?.range.first ?? 0n) <= range.last) low = middle + 1;
      else high = middle;
    }
    const furthest = entries[low - 1]?.furthest;
    return furthest && furthest.range.last >= range.first ? furthest.value : undefined;
  }
}

interface Entry<T> {
  readonly range: AddressRange;
  readonly value: T;
  /** Of this entry and those before it, the one with the greatest end. */
  furthest?: Entry<T>;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
