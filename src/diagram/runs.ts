/** A text that ends in a number, and that number. */
interface Numbered {
  readonly stem: string;
  readonly digits: string;
}

function numbered(text: string): Numbered {
  const digits = /(?<!\d)\d+$/.exec(text)?.[0] ?? '';
  return { stem: text.slice(0, text.length - digits.length), digits };
}

/** Whether `next` follows `text` in counting: `agent9`, `agent10`; `node08`, `node09`. */
function follows(text: string, next: string): boolean {
  const [a, b] = [numbered(text), numbered(next)];
  if (a.digits === '' || b.digits === '' || a.stem !== b.stem) return false;
  return b.digits === String(Number(a.digits) + 1).padStart(a.digits.length, '0');
}

/** Names or addresses with every run of three or more abbreviated to its ends: `agent1–agent12`. */
export function runs(texts: readonly string[]): string[] {
  const found: string[][] = [];
  for (const text of texts) {
    const run = found.at(-1);
    const last = run?.at(-1);
    if (run && last !== undefined && follows(last, text)) run.push(text);
    else found.push([text]);
  }
  return found.flatMap((run) => (run.length < 3 ? run : [`${run[0]}–${run.at(-1)}`]));
}
