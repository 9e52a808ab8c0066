import {
  type Alias,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';
import type { Issue } from './issue';
import type { Origins } from './origins';
import { formatPath, type Path } from './path';

/** From and up to, as offsets in the text. */
export type Span = readonly [from: number, to: number];

/** An issue without its position. */
export type Complaint = Pick<Issue, 'code' | 'message'> & Partial<Pick<Issue, 'severity' | 'hint'>>;

/** What is written at a path. A member of a mapping has a key; `key:` alone has no value. */
export interface Place {
  readonly key?: Node;
  readonly value?: Node;
}

/** Turns places of one file into issues: the only maker of issues, so none is without a position. */
export class Positions {
  private readonly lines = new LineCounter();
  private readonly pairs = new Map<YAMLMap, ReadonlyMap<string, Pair>>();
  private contents: Node | undefined;
  private aliases: ReadonlyMap<Alias, Node> = new Map();
  private origins: Origins | undefined;

  constructor(
    readonly file: string,
    readonly text: string,
  ) {
    this.lines.addNewLine(0);
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) {
      this.lines.addNewLine(end + 1);
    }
  }

  /** Where the other of two conflicting values is. */
  otherLine([from]: Span): string {
    return `the other one is in line ${this.lines.linePos(from).line}`;
  }

  /** Looks up paths in a document. */
  attach(contents: Node, aliases: ReadonlyMap<Alias, Node>): void {
    this.contents = contents;
    this.aliases = aliases;
  }

  /** From now on, paths are those of the expanded list of hosts. */
  relocate(origins: Origins): void {
    this.origins = origins;
  }

  /** Where in the document a path is written. */
  origin(path: Path): Path {
    return this.origins?.of(path) ?? path;
  }

  issueAt([from, to]: Span, complaint: Complaint, path: Path = []): Issue {
    const host = this.origins?.nameOf(path);
    const start = Math.min(from, this.text.length);
    const { line, col } = this.lines.linePos(start);
    const lineEnd = this.text.indexOf('\n', start);
    const end = Math.max(start, lineEnd < 0 ? to : Math.min(to, lineEnd));
    const { severity = 'error', code, message, hint } = complaint;
    return {
      severity,
      code,
      file: this.file,
      line,
      column: col,
      length: Math.max(this.text.slice(start, end).trimEnd().length, 1),
      path: formatPath(this.origin(path)),
      ...(host !== undefined && { host }),
      message,
      ...(hint !== undefined && { hint }),
    };
  }

  /**
   * The issue at a value, or at the key of it. What is not written, because it is missing or a default, is reported
   * at the key of the nearest mapping around it.
   */
  issueAtPath(path: Path, complaint: Complaint, target: 'value' | 'key' = 'value'): Issue {
    const place = this.find(path);
    if (place) {
      const node = target === 'key' || isEmpty(place.value) ? (place.key ?? place.value) : place.value;
      return this.issueAt(spanOf(node), complaint, path);
    }
    let around = path.slice(0, -1);
    while (around.length > 0 && !this.find(around)) around = around.slice(0, -1);
    const parent = this.find(around);
    const node = parent?.key ?? firstKey(parent?.value) ?? parent?.value;
    return this.issueAt(spanOf(node), complaint, path);
  }

  /** The key and the value at a path, aliases and merges followed; undefined when nothing is written there. */
  find(path: Path): Place | undefined {
    let place: Place | undefined = this.contents && { value: this.contents };
    for (const key of this.origin(path)) place = place && this.member(place, key);
    return place;
  }

  /** The text of a scalar without quotes, as it is written; undefined for all else. */
  plain(path: Path): string | undefined {
    const node = this.follow(this.find(path)?.value);
    return isScalar(node) && node.type === 'PLAIN' ? node.source : undefined;
  }

  private member({ value }: Place, key: string | number): Place | undefined {
    const node = this.follow(value);
    if (isSeq(node)) {
      const item = node.items[Number(key)];
      return isNode(item) ? { value: item } : undefined;
    }
    if (!isMap(node)) return undefined;
    const pair = this.pairsOf(node).get(String(key));
    return pair ? placeOf(pair) : this.mergedMember(node.items, key);
  }

  /** Large mappings are searched more than once. */
  private pairsOf(map: YAMLMap): ReadonlyMap<string, Pair> {
    const cached = this.pairs.get(map);
    if (cached) return cached;
    const pairs = new Map<string, Pair>();
    for (const pair of map.items) {
      const name = isScalar(pair.key) ? String(pair.key.value) : '';
      if (!pairs.has(name)) pairs.set(name, pair);
    }
    this.pairs.set(map, pairs);
    return pairs;
  }

  private mergedMember(items: readonly Pair[], key: string | number): Place | undefined {
    for (const { key: name, value: source } of items) {
      if (!isMergeKey(name) || !isNode(source)) continue;
      const sources = this.follow(source);
      for (const merged of isSeq(sources) ? sources.items : [source]) {
        const place = isNode(merged) ? this.member({ value: merged }, key) : undefined;
        if (place) return place;
      }
    }
    return undefined;
  }

  private follow(node: Node | undefined): Node | undefined {
    return isAlias(node) ? this.aliases.get(node) : node;
  }
}

/** `<<` takes in the members of other mappings: YAML 1.1, still in wide use. */
export function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.value === '<<' && (key.type === undefined || key.type === 'PLAIN');
}

function placeOf({ key, value }: Pair): Place {
  return { ...(isNode(key) && { key }), ...(isNode(value) && { value }) };
}

/** Nothing to point at: `key:` without a value. */
function isEmpty(node: Node | undefined): boolean {
  return !node || (isScalar(node) && node.range?.[0] === node.range?.[1]);
}

function firstKey(node: Node | undefined): Node | undefined {
  const [item] = isMap(node) ? node.items : [];
  return isPair(item) && isNode(item.key) ? item.key : undefined;
}

export function spanOf(node: Node | undefined): Span {
  return node?.range ? [node.range[0], node.range[1]] : [0, 0];
}
