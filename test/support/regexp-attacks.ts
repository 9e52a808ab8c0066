/**
 * Texts on which a regular expression may take long: those that repeat what one of its quantifiers repeats, after what
 * stands before it, and end in what fits nowhere.
 */
export function attacks(expression: RegExp, times: number): string[] {
  const found = new Set<string>();
  const tree = parse(expression);
  for (const { before, pumps } of quantified(tree, '', [...'a0 /-.:', ...literals(expression)]))
    for (const pump of new Set([...pumps, before + pumps[0], sample(tree)]))
      if (pump !== '')
        for (const end of ['\u0000', '\n', ' ', '!', '@']) found.add(before + pump.repeat(times) + end);
  return [...found];
}

/** A part of an expression: characters of one place, alternatives, or a part that is repeated. */
type Part =
  | { readonly kind: 'one'; readonly fits: (character: string) => boolean }
  | { readonly kind: 'any-of'; readonly alternatives: readonly (readonly Part[])[] }
  | { readonly kind: 'times'; readonly least: number; readonly most: number; readonly part: Part };

interface Quantified {
  readonly before: string;
  readonly pumps: readonly string[];
}

/** More than that is as good as any number. */
const many = 20;

function* quantified(part: Part, before: string, characters: readonly string[]): Iterable<Quantified> {
  if (part.kind === 'times') {
    const { part: inner, most } = part;
    if (most > many)
      yield { before, pumps: [sample(inner), ...characters.filter((each) => fitsIn(inner, each))] };
    yield* quantified(inner, before, characters);
  }
  if (part.kind !== 'any-of') return;
  for (const alternative of part.alternatives) {
    let sofar = before;
    for (const each of alternative) {
      yield* quantified(each, sofar, characters);
      sofar += sample(each);
    }
  }
}

function fitsIn(part: Part, character: string): boolean {
  if (part.kind === 'one') return part.fits(character);
  if (part.kind === 'times') return fitsIn(part.part, character);
  return part.alternatives.flat().some((each) => fitsIn(each, character));
}

/** A short text that fits, without what looks around. */
function sample(part: Part): string {
  if (part.kind === 'one') return printable.find(part.fits) ?? '';
  if (part.kind === 'times') return sample(part.part).repeat(part.least);
  return (part.alternatives[0] ?? []).map(sample).join('');
}

const printable = [
  ...'a0 /-.:=_%\n\t"\'',
  ...Array.from({ length: 0x3100 }, (_, code) => String.fromCodePoint(code)),
];

function literals({ source }: RegExp): string[] {
  return [...source.replace(/\\[dDwWsSbBnrtpPu]/g, '')].filter((character) => character !== '\\');
}

const atom = /\\(?:u\{[^}]*\}|u[\da-fA-F]{4}|x[\da-fA-F]{2}|[pP]\{[^}]*\}|.)|\[(?:\\.|[^\]\\])*\]|./suy;
const opening = /\((?:\?(?:<[a-zA-Z]\w*>|[:=!]|<[=!]))?/y;
const quantifier = /(?:\*|\+|\?|\{(\d+)(,?)(\d*)\})\??/y;

/** The expression as parts. Anchors and what looks around are left out: they take no characters. */
function parse({ source, flags }: RegExp): Part {
  let at = 0;
  const take = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match) at = pattern.lastIndex;
    return match;
  };
  const alternatives = (): Part => {
    const found: Part[][] = [[]];
    while (at < source.length && source[at] !== ')') {
      if (source[at] === '|') {
        at += 1;
        found.push([]);
      } else found.at(-1)?.push(...repeated(one()));
    }
    return { kind: 'any-of', alternatives: found };
  };
  const one = (): Part | undefined => {
    const group = take(opening);
    if (group) {
      const inner = alternatives();
      at += 1;
      return /[=!]$/.test(group[0]) ? undefined : inner;
    }
    const text = take(atom)?.[0] ?? '';
    if (/^([$^]|\\[bB1-9])$/.test(text)) return undefined;
    const expression = new RegExp(`^(?:${text})$`, flags.replace(/[gym]/g, ''));
    return { kind: 'one', fits: (character) => expression.test(character) };
  };
  const repeated = (part: Part | undefined): Part[] => {
    const found = take(quantifier);
    if (!part) return [];
    if (!found) return [part];
    const [text, least, comma, most] = found;
    if (least === undefined)
      return [{ kind: 'times', least: text[0] === '+' ? 1 : 0, most: text[0] === '?' ? 1 : Infinity, part }];
    const limit = comma === '' ? Number(least) : most === '' ? Infinity : Number(most);
    return [{ kind: 'times', least: Number(least), most: limit, part }];
  };
  return alternatives();
}
