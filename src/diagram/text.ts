/** How a text looks. Widths are estimates on the safe side: nobody knows which fonts the reader has. */
export const textStyles = {
  heading: { size: 20, em: 0.6 },
  name: { size: 14, em: 0.62 },
  body: { size: 13, em: 0.56 },
  note: { size: 12, em: 0.56 },
  code: { size: 12, em: 0.62 },
} as const;

export type TextStyle = keyof typeof textStyles;

/** Distance from one line to the next. */
export const lineHeight = 18;

export function textWidth(text: string, style: TextStyle): number {
  const { size, em } = textStyles[style];
  return Math.ceil([...text].length * size * em);
}

/** The widest of several texts; 0 for none. */
export function widest(texts: readonly string[], style: TextStyle): number {
  return Math.max(0, ...texts.map((text) => textWidth(text, style)));
}

/** Removes the middle of a text that is too wide: names in one cluster differ at their ends. */
export function shorten(text: string, style: TextStyle, width: number): string {
  const { size, em } = textStyles[style];
  const room = Math.max(3, Math.floor(width / (size * em)));
  if (text.length <= room) return text;
  const tail = Math.floor((room - 1) / 2);
  return `${text.slice(0, room - 1 - tail)}…${text.slice(text.length - tail)}`;
}

/** Breaks a name, a path or an address into lines of at most `width`, where it can after a separator. */
export function breakText(text: string, style: TextStyle, width: number): string[] {
  const { size, em } = textStyles[style];
  const room = Math.max(3, Math.floor(width / (size * em)));
  const lines: string[] = [];
  let rest = text;
  while (rest.length > room) {
    const line = rest.slice(0, room);
    const ends = [/^.*[–\s]/, /^.*[-./:,]/].map((separated) => separated.exec(line)?.[0].length ?? 0);
    const end = ends.find((each) => each > room / 2) ?? room;
    lines.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
  }
  return [...lines, rest];
}

/** Puts items into lines of at most `width`; what does not fit into `maxLines` is counted. */
export function fillLines(
  items: readonly string[],
  style: TextStyle,
  width: number,
  maxLines: number,
): string[] {
  // How many items are complete with each line.
  const lines: { text: string; complete: number }[] = [];
  for (const [index, item] of items.entries()) {
    const text = index < items.length - 1 ? `${item},` : item;
    const last = lines.at(-1);
    if (last && textWidth(`${last.text} ${text}`, style) <= width) {
      last.text = `${last.text} ${text}`;
      last.complete = index + 1;
    } else for (const piece of breakText(text, style, width)) lines.push({ text: piece, complete: index });
    const end = lines.at(-1);
    if (end) end.complete = index + 1;
  }
  if (lines.length <= maxLines) return lines.map(({ text }) => text);
  const kept = lines.slice(0, maxLines - 1);
  // An item that is cut counts among the others.
  const complete = kept.at(-1)?.complete ?? 0;
  while (kept.length > 1 && kept.at(-2)?.complete === complete) kept.pop();
  return [...kept.map(({ text }) => text), `and ${items.length - complete} more`];
}

/** Breaks a sentence into lines of at most `width`. */
export function wrap(sentence: string, style: TextStyle, width: number): string[] {
  const lines: string[] = [];
  for (const word of sentence.split(' ').flatMap((each) => breakText(each, style, width))) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
    if (lines.length > 0 && textWidth(longer, style) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
