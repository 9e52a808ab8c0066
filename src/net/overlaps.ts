import type { AddressRange } from './address';

/**
 * Items whose range overlaps that of another, each with one of those: every overlap is reported for at least
 * one of its sides. Sorts, so n log n.
 */
export function overlapping<T extends { readonly range: AddressRange }>(items: readonly T[]): [T, T][] {
  const pairs: [T, T][] = [];
  let furthest: T | undefined;
  for (const item of items.toSorted((a, b) => compare(a.range, b.range))) {
    const sameFamily = furthest?.range.family === item.range.family;
    if (furthest && sameFamily && item.range.first <= furthest.range.last) pairs.push([furthest, item]);
    if (!furthest || !sameFamily || item.range.last > furthest.range.last) furthest = item;
  }
  return pairs;
}

function compare(a: AddressRange, b: AddressRange): number {
  if (a.family !== b.family) return a.family - b.family;
  return a.first < b.first ? -1 : a.first > b.first ? 1 : 0;
}
