import type { Field, Shape } from './shape';

/*
 * How definitions are written down, one a line, as `npm run schemas` makes them:
 *
 *     apps/v1/DaemonSet (apiVersion:s kind:s metadata:meta.v1.ObjectMeta spec!:apps.v1.DaemonSetSpec)
 *     core.v1.ContainerPort (containerPort!:i hostIP:s name:s protocol:"SCTP|TCP|UDP")
 *
 * `!` is required, `~` takes null, `@33`, `@-34` and `@33-34` are the releases 1.x that have it. Types are those of
 * `scalars`, `i<0,65535>` in bounds, `"A|B"` words, `[…]` lists, `{…}` maps, `(…)` objects (`*` last: and others),
 * `*` anything, and names of other definitions.
 */

const scalars = {
  s: 'string',
  B: 'bytes',
  n: 'number',
  b: 'boolean',
  q: 'quantity',
  x: 'int-or-string',
} as const;

/** The first and the last minor release that have something. */
const range = /@(\d*)(-?)(\d*)/y;
const fieldName = /[^\s():!~@]+/y;
const bounds = /<(-?\d*),(-?\d*)>/y;
const words = /"([^"]*)"/y;
const reference = /[\w./-]+/y;

/** Definitions of one text as one minor release has them; each is read when it is asked for. */
export class Definitions {
  private readonly lines = new Map<string, string>();
  private readonly shapes = new Map<string, Shape>();

  constructor(
    text: string,
    /** 36 of Kubernetes 1.36. */
    private readonly minor: number,
  ) {
    for (const line of text.split('\n')) {
      const end = line.indexOf(' ');
      if (end <= 0 || line.startsWith('#')) continue;
      const [name = '', releases] = line.slice(0, end).split('@');
      if (releases === undefined || has(`@${releases}`, minor)) this.lines.set(name, line.slice(end + 1));
    }
  }

  get names(): Iterable<string> {
    return this.lines.keys();
  }

  /** @throws Error when the text cannot be read: it was not written by `npm run schemas`. */
  shapeOf(name: string): Shape | undefined {
    const known = this.shapes.get(name);
    const line = this.lines.get(name);
    if (known || line === undefined) return known;
    const shape = new Reader(line, this.minor).shape();
    this.shapes.set(name, shape);
    return shape;
  }
}

function has(releases: string, minor: number): boolean {
  range.lastIndex = 0;
  const [, from = '', until = '', last = ''] = range.exec(releases) ?? [];
  return (from === '' || minor >= Number(from)) && (until === '' || last === '' || minor <= Number(last));
}

class Reader {
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly minor: number,
  ) {}

  shape(): Shape {
    const next = this.text.charAt(this.at);
    if (next === '(') return this.object();
    if (next === '[') return { type: 'list', items: this.inner() };
    if (next === '{') return { type: 'map', values: this.inner() };
    if (next === '"') return { type: 'enum', values: this.match(words)[1]?.split('|') ?? [] };
    if (next === '*') {
      this.at += 1;
      return { type: 'any' };
    }
    const [name] = this.match(reference);
    if (name === 'i') return this.integer();
    if (name in scalars) return { type: scalars[name as keyof typeof scalars] };
    return { type: 'ref', name };
  }

  private inner(): Shape {
    this.at += 1;
    const shape = this.shape();
    this.at += 1;
    return shape;
  }

  private integer(): Shape {
    if (this.text.charAt(this.at) !== '<') return { type: 'integer' };
    const [, min = '', max = ''] = this.match(bounds);
    return {
      type: 'integer',
      ...(min !== '' && { min: Number(min) }),
      ...(max !== '' && { max: Number(max) }),
    };
  }

  private object(): Shape {
    const fields = new Map<string, Field>();
    let open = false;
    this.at += 1;
    while (this.text.charAt(this.at) !== ')') {
      if (this.text.charAt(this.at) === '*') open = this.skip();
      else this.field(fields);
      if (this.text.charAt(this.at) === ' ') this.at += 1;
    }
    this.at += 1;
    return { type: 'object', fields, open };
  }

  private field(fields: Map<string, Field>): void {
    const [name] = this.match(fieldName);
    const required = this.text.charAt(this.at) === '!' && this.skip();
    const nullable = this.text.charAt(this.at) === '~' && this.skip();
    this.at += 1;
    const shape = this.shape();
    const there = this.text.charAt(this.at) !== '@' || has(this.match(range)[0], this.minor);
    if (there) fields.set(name, { shape, required, nullable });
  }

  private skip(): true {
    this.at += 1;
    return true;
  }

  private match(pattern: RegExp): RegExpExecArray {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (!found) throw new Error(`cannot be read from column ${this.at + 1} on: ${this.text}`);
    this.at = pattern.lastIndex;
    return found;
  }
}
