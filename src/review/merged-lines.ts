/** A line of a text that several hosts have, in one form or another. */
export interface Line {
  /** How far it is indented: it belongs to the line before it that is less. */
  readonly depth: number;
  readonly text: string;
  /** The text with placeholders for the host's own name and addresses. */
  readonly masked: string;
}

/** Hosts whose lines are the same but for their own names and addresses, and those lines as the first of them has them. */
export interface AlikeHosts {
  readonly hosts: readonly string[];
  readonly lines: readonly Line[];
}

/** A line of all texts, the hosts that have it, and the lines that belong to it. */
interface Merged extends Line {
  readonly hosts: readonly string[];
  readonly below: Merged[];
}

/**
 * One text of those of several hosts: what they share stands once, and a line names its hosts where not all have it
 * that have the line that it belongs to. Without the lines of others, it is the text of each.
 *
 * @param names how several hosts are named
 */
export function mergedLines(
  texts: readonly AlikeHosts[],
  names: (hosts: readonly string[]) => string,
): string[] {
  const literal = literalLines(texts);
  let merged: Merged[] = [];
  for (const each of texts) merged = merge(merged, treeOf(each, literal));
  const shown = (lines: readonly Merged[], above: number): string[] =>
    lines.flatMap(({ depth, text, masked, hosts, below }) => {
      const line = `${'    '.repeat(depth)}${hosts.length === 1 ? text : masked}`;
      return [hosts.length === above ? line : `${line}  ← ${names(hosts)}`, ...shown(below, hosts.length)];
    });
  return shown(merged, texts.flatMap(({ hosts }) => hosts).length);
}

function treeOf({ hosts, lines }: AlikeHosts, literal: ReadonlySet<string>): Merged[] {
  const levels: Merged[][] = [[]];
  for (const line of lines) {
    const masked = literal.has(line.text) ? line.text : line.masked;
    const node = { ...line, masked, hosts, below: [] };
    levels[line.depth]?.push(node);
    levels.length = line.depth + 1;
    levels.push(node.below);
  }
  return levels[0] ?? [];
}

/** What all have letter by letter is about none of them, whatever they are called. */
function literalLines(texts: readonly AlikeHosts[]): Set<string> {
  const counts = new Map<string, number>();
  for (const { hosts, lines } of texts) {
    const same = lines.filter(({ text, masked }) => hosts.length === 1 || text === masked);
    for (const text of new Set(same.map((line) => line.text))) counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return new Set([...counts].filter(([, count]) => count === texts.length).map(([text]) => text));
}

/** Both in their order, equal lines taken for one; where they differ, they go on at the next line that both have. */
function merge(a: readonly Merged[], b: readonly Merged[]): Merged[] {
  const merged: Merged[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [nextA, nextB] = nextCommon(a, i, b, j);
    merged.push(...a.slice(i, nextA), ...b.slice(j, nextB));
    const [old, also] = [a[nextA], b[nextB]];
    if (old && also) {
      const hosts = [...old.hosts, ...also.hosts];
      merged.push({ ...old, hosts, below: merge(old.below, also.below) });
    }
    [i, j] = [nextA + 1, nextB + 1];
  }
  return merged;
}

/** Where both have the same line, as near as possible; their ends if they have none. */
function nextCommon(a: readonly Line[], i: number, b: readonly Line[], j: number): [number, number] {
  const rest = a.length - i + b.length - j;
  for (let distance = 0; distance < rest; distance += 1)
    for (
      let ahead = Math.max(0, distance - (b.length - j));
      ahead <= distance && i + ahead < a.length;
      ahead += 1
    ) {
      const [left, right] = [a[i + ahead], b[j + distance - ahead]];
      if (left && right && left.masked === right.masked) return [i + ahead, j + distance - ahead];
    }
  return [a.length, b.length];
}
