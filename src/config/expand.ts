import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import { type Complaint, isMergeKey, type Span, spanOf } from './positions';
import { quote } from './quote';
import { closest } from './suggest';

/** How many values aliases may add to a file: a few kilobytes can expand to billions. */
const maxAdded = 100_000;

/** A cluster.yaml has about ten levels. */
const maxDepth = 100;

/** A YAML document as plain values. */
export interface Expansion {
  /** Undefined when a complaint makes the values meaningless. */
  readonly value?: unknown;
  /** What every alias stands for. */
  readonly aliases: ReadonlyMap<Alias, Node>;
  /** The last argument is where the first of the two is. */
  readonly complaints: readonly (readonly [Span, Complaint, other?: Span])[];
}

/** Turns nodes into plain values, follows aliases and merges, and finds duplicate keys. */
export function expand(contents: Node): Expansion {
  const expander = new Expander();
  const { value } = expander.expand(contents, 0);
  const { aliases, complaints, fatal } = expander;
  return { ...(!fatal && { value }), aliases, complaints };
}

/** A value and the number of values in it. */
interface Sized {
  readonly value: unknown;
  readonly size: number;
}

const nothing: Sized = { value: undefined, size: 1 };

class Expander {
  readonly aliases = new Map<Alias, Node>();
  readonly complaints: [Span, Complaint, other?: Span][] = [];
  fatal = false;
  private readonly anchors = new Map<string, Node>();
  private readonly done = new Map<Node, Sized>();
  private added = 0;

  expand(node: unknown, depth: number): Sized {
    if (this.fatal) return nothing;
    if (depth > maxDepth) {
      return this.fail(node as Node, 'too-deep', `there are more than ${maxDepth} levels of nesting here`);
    }
    if (isAlias(node)) return this.expandAlias(node);
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return { value: null, size: 1 };
    // Set from its start: an alias inside it is a cycle, which shows as an unfinished anchor.
    if (node.anchor) this.anchors.set(node.anchor, node);
    const sized = isMap(node)
      ? this.expandMap(node, depth)
      : isSeq(node)
        ? this.expandList(node.items, depth)
        : { value: node.value, size: 1 };
    if (node.anchor) this.done.set(node, sized);
    return sized;
  }

  private expandAlias(alias: Alias): Sized {
    const target = this.anchors.get(alias.source);
    if (!target) {
      const hint = closest(alias.source, [...this.anchors.keys()]);
      return this.fail(
        alias,
        'unknown-alias',
        `there is no anchor '&${alias.source}' before this alias`,
        hint && `did you mean '*${hint}'?`,
      );
    }
    this.aliases.set(alias, target);
    const sized = this.done.get(target);
    if (!sized)
      return this.fail(alias, 'alias-loop', `${quote(`*${alias.source}`)} stands inside its own anchor`);
    this.added += sized.size;
    if (this.added > maxAdded) {
      return this.fail(
        alias,
        'alias-bomb',
        `the aliases of this file expand to more than ${maxAdded} values`,
      );
    }
    return sized;
  }

  private expandList(items: readonly unknown[], depth: number): Sized {
    const values = items.map((item) => this.expand(item, depth + 1));
    return { value: values.map(({ value }) => value), size: values.reduce((sum, { size }) => sum + size, 1) };
  }

  private expandMap(map: YAMLMap, depth: number): Sized {
    const own = new Map<string, { readonly key: Node; readonly value: unknown }>();
    const merged: Sized[] = [];
    let size = 1;
    for (const pair of map.items) {
      const member = this.expand(pair.value, depth + 1);
      size += member.size;
      if (isMergeKey(pair.key)) merged.push(...this.mergeSources(pair, member));
      else if (isScalar(pair.key)) this.add(own, pair.key, member.value);
    }
    const value: Record<string, unknown> = {};
    // Keys written here take precedence over merged ones, and earlier sources over later ones.
    for (const source of merged.toReversed()) Object.assign(value, source.value);
    for (const [key, member] of own) value[key] = member.value;
    return { value, size };
  }

  private add(
    members: Map<string, { readonly key: Node; readonly value: unknown }>,
    key: Node & { value: unknown },
    value: unknown,
  ): void {
    const name = String(key.value);
    const other = members.get(name)?.key;
    if (other) {
      const message = `the key ${quote(name)} is given twice in this mapping: delete one`;
      this.complaints.push([spanOf(key), { code: 'duplicate-key', message }, spanOf(other)]);
    } else if (name === '') {
      this.complain(key, 'empty-key', "there is no key before this ':'");
    } else if (name === '__proto__') {
      this.complain(key, 'unknown-key', `${quote(name)} cannot be a key`);
    } else members.set(name, { key, value });
  }

  private mergeSources(pair: Pair, { value, size }: Sized): Sized[] {
    const sources = Array.isArray(value) ? value : [value];
    if (sources.every((source) => typeof source === 'object' && source !== null && !Array.isArray(source))) {
      return sources.map((source) => ({ value: source, size }));
    }
    this.complain(
      pair.key as Node,
      'bad-merge',
      "'<<' merges mappings: give it an alias such as '*defaults'",
    );
    return [];
  }

  private complain(node: Node, code: string, message: string, hint?: string): void {
    this.complaints.push([spanOf(node), { code, message, ...(hint && { hint }) }]);
  }

  private fail(node: Node, code: string, message: string, hint?: string): Sized {
    this.complain(node, code, message, hint);
    this.fatal = true;
    return nothing;
  }
}
