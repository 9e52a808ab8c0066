/** A name around one of its numbers. */
interface Numbered {
  readonly name: string;
  /** The name with a hole in the place of the number. */
  readonly stem: string;
  readonly before: string;
  readonly digits: string;
  readonly after: string;
}

/** As long as a number of a range in cluster.yaml may be. */
const number = /(?<!\d)\d{1,9}(?!\d)/g;

/** Fewer names are written out. */
const shortestRange = 3;

/** Names, and how they are written together. */
interface Part {
  readonly text: string;
  readonly hosts: number;
}

/**
 * Names or addresses in the notation of cluster.yaml, where three or more that count up are a range: `agent[01-40]`.
 * Those that differ in one number stand together and in its order, each once.
 */
export function nameRanges(names: readonly string[]): string[] {
  return parts(names).map(({ text }) => text);
}

export interface NameListOptions {
  /** Names and ranges that are written; the rest is counted. @default - all */
  readonly most?: number;
  /** Characters; a single name may be longer. @default - any number */
  readonly width?: number;
}

/** Names of hosts as a list for people: `agent[01-40], storage1`; with a limit, `agent1, agent3 and 7 more`. */
export function nameList(
  names: readonly string[],
  { most = Number.POSITIVE_INFINITY, width = Number.POSITIVE_INFINITY }: NameListOptions = {},
): string {
  const all = parts(names);
  const hosts = (some: readonly Part[]) => some.reduce((sum, part) => sum + part.hosts, 0);
  const total = hosts(all);
  for (let shown = Math.min(all.length, most); shown > 0; shown -= 1) {
    const some = all.slice(0, shown);
    const text = some.map((part) => part.text).join(', ');
    const list = shown === all.length ? text : `${text} and ${total - hosts(some)} more`;
    if (list.length <= width || total === 1) return list;
  }
  return total === 0 ? '' : `${total} hosts`;
}

/** More names and ranges than this make an unreadable sentence. */
const named = 10;

/** Names in a sentence: all, or so many that it stays one; programs get all. */
export function someNames(names: readonly string[]): string {
  return nameList(names, { most: named });
}

/** Each by itself where there is room for all; else those together of which the same is said. */
export function hostGroups<T>(items: readonly T[], room: number, same: (item: T) => string): T[][] {
  if (items.length <= room) return items.map((item) => [item]);
  return together(items, same);
}

/** Items of which the same is said, in the order of their first ones. */
export function together<T>(items: readonly T[], same: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = same(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return [...groups.values()];
}

/** What names have in common that differ in one number: `agent1` and `agent2`, but not `server1`. */
export function nameStems(names: readonly string[]): ReadonlyMap<string, string> {
  return new Map([...numbered(names)].map(({ name, stem }) => [name, stem]));
}

function parts(names: readonly string[]): Part[] {
  return together([...numbered(names)], ({ stem }) => stem).flatMap((alike) => {
    const inOrder = [...alike].sort((a, b) => Number(a.digits) - Number(b.digits));
    const runs: Numbered[][] = [];
    for (const next of inOrder) {
      const run = runs.at(-1);
      if (run && goesOn(run, next)) run.push(next);
      else runs.push([next]);
    }
    return runs.flatMap(partsOf);
  });
}

function partsOf(run: readonly Numbered[]): Part[] {
  const [first, last] = [run[0], run.at(-1)];
  if (!first || !last || run.length < shortestRange) return run.map(({ name }) => ({ text: name, hosts: 1 }));
  const text = `${first.before}[${first.digits}-${last.digits}]${first.after}`;
  return [{ text, hosts: run.length }];
}

/** Whether a name is the next one of a run that cluster.yaml could have as a range. */
function goesOn(run: readonly Numbered[], { digits }: Numbered): boolean {
  const [first, last] = [run[0]?.digits ?? '', run.at(-1)?.digits ?? ''];
  if (last === '' || digits !== String(Number(last) + 1).padStart(last.length, '0')) return false;
  return !/^0\d/.test(first) || first.length === digits.length;
}

/** Of several numbers in a name, the one in which most of the others differ; of equal ones, the last. */
function* numbered(names: readonly string[]): Iterable<Numbered> {
  const unique = [...new Set(names)];
  const ways = unique.map((name) =>
    [...name.matchAll(number)].map(({ index, 0: digits }): Numbered => {
      const [before, after] = [name.slice(0, index), name.slice(index + digits.length)];
      return { name, stem: `${before}\0${after}`, before, digits, after };
    }),
  );
  const counts = new Map<string, number>();
  for (const { stem } of ways.flat()) counts.set(stem, (counts.get(stem) ?? 0) + 1);
  const alike = (way: Numbered) => counts.get(way.stem) ?? 0;
  for (const [index, name] of unique.entries())
    yield (ways[index] ?? []).reduce<Numbered | undefined>(
      (best, way) => (best && alike(best) > alike(way) ? best : way),
      undefined,
    ) ?? { name, stem: name, before: name, digits: '', after: '' };
}
