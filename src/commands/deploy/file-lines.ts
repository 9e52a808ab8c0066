import { nameList, nameRanges } from '../../model/host-groups';
import type { FileDifference } from '../../terraform/applied-files';

/** More lines of one file than this are for a diff tool. */
const shownLines = 12;

/** Of a longer line, which has a list of all hosts or the like, only the words that differ are shown. */
const longLine = 120;

/** What a long line is known by: its beginning and its end. */
const shownEnds = 30;

/** All words that differ in a line, and each of them. */
const shownWords = 80;
const shownWord = 40;

/** The lines of a file that differ. Of many, those that count up are a range. */
export function fileLines({ name, before, after }: FileDifference): string[] {
  if (after === undefined) return [`${name} goes`];
  if (before === undefined) return [`${name} is new`];
  const [old, now] = [before.split('\n'), after.split('\n')];
  const [went, came] = abridged(without(old, new Set(now)), without(now, new Set(old)));
  const isMany = went.length + came.length > shownLines;
  const marked = (mark: string, texts: readonly string[]) =>
    (isMany ? nameRanges(texts) : texts).map((text) => `  ${mark} ${text}`);
  const lines = [...marked('-', went), ...marked('+', came)];
  const more = lines.length > shownLines ? [`  … ${lines.length - shownLines} more lines`] : [];
  return [name, ...lines.slice(0, shownLines), ...more];
}

function without(texts: readonly string[], others: ReadonlySet<string>): string[] {
  return texts.filter((text) => !others.has(text));
}

/** Long lines are compared with those that have become of them; what goes on beyond that is cut off. */
function abridged(went: readonly string[], came: readonly string[]): [went: string[], came: string[]] {
  const left = new Map(came.map((line) => [line, new Set(wordsOf(line))]));
  const became = new Map<string, string[]>();
  const before = went.flatMap((line) => {
    // More are not shown.
    const now = became.size < shownLines ? counterpart(line, left) : undefined;
    if (now === undefined) return cut(line, longLine);
    left.delete(now);
    const [gone, added] = changedWords(line, now);
    became.set(now, added);
    return gone;
  });
  return [before, came.flatMap((line) => became.get(line) ?? cut(line, longLine))];
}

/** The line that has the most words of another one, and at least half of those that it can have. */
function counterpart(line: string, others: ReadonlyMap<string, ReadonlySet<string>>): string | undefined {
  const words = [...new Set(wordsOf(line))];
  let best: { line: string; shared: number } | undefined;
  for (const [other, theirs] of others) {
    if (Math.max(line.length, other.length) <= longLine) continue;
    const shared = words.filter((each) => theirs.has(each)).length;
    const enough = shared * 2 >= Math.min(words.length, theirs.size);
    if (enough && shared > (best?.shared ?? 0)) best = { line: other, shared };
  }
  return best?.line;
}

/** Of a line that has become another, the words that went, and those that came. */
function changedWords(before: string, after: string): [went: string[], came: string[]] {
  const [old, now] = [wordsOf(before), wordsOf(after)];
  const [went, came] = [without(old, new Set(now)), without(now, new Set(old))];
  // Words in another order, or other blanks.
  if (went.length + came.length === 0) return [[cut(before, longLine)], [cut(after, longLine)]];
  const most = Math.min(old.length, now.length);
  let [first, last] = [0, 0];
  while (first < most && old[first] === now[first]) first += 1;
  while (first + last < most && old.at(-1 - last) === now.at(-1 - last)) last += 1;
  const [lead, end] = [leadOf(after, first), endOf(after, last)];
  const text = (words: readonly string[]) => {
    const list = nameList(
      words.map((word) => cut(word, shownWord)),
      { width: shownWords },
    );
    return words.length > 0 ? [[...lead, list, ...end].join(' ')] : [];
  };
  return [text(went), text(came)];
}

const word = /[^\s,]+/g;

function wordsOf(line: string): string[] {
  return line.match(word) ?? [];
}

/** The beginning of a line, up to so many words. */
function leadOf(line: string, words: number): string[] {
  const ends = [...line.matchAll(word)].slice(0, words).map(({ index, 0: { length } }) => index + length);
  const end = ends.findLast((column) => column <= shownEnds);
  return words === 0 ? [] : [...(end === undefined ? [] : [line.slice(0, end)]), '…'];
}

/** The end of a line, from so many words. */
function endOf(line: string, words: number): string[] {
  const starts = [...line.matchAll(word)].map(({ index }) => index);
  const start = starts.slice(starts.length - words).find((column) => line.length - column <= shownEnds);
  return words === 0 ? [] : ['…', ...(start === undefined ? [] : [line.slice(start)])];
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
