/** A terminal's size, in characters. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/**
 * A recording of `script --log-out --log-timing` as asciinema's format, version 2.
 *
 * @param timing a line for each piece of output: seconds since the last one, bytes
 */
export function castOf(output: Buffer, timing: string, { columns, rows }: Size, title: string): string {
  const header = { version: 2, width: columns, height: rows, title };
  // What `script` itself notes is the first line of its file.
  let at = output.indexOf(10) + 1;
  let time = 0;
  const events: string[] = [];
  // A piece may end within a character.
  const decoder = new TextDecoder();
  for (const line of timing.trim().split('\n')) {
    const [delay = 0, length = 0] = line.split(' ').map(Number);
    time += delay;
    const text = decoder.decode(output.subarray(at, at + length), { stream: true });
    at += length;
    events.push(JSON.stringify([Number(time.toFixed(3)), 'o', text]));
  }
  return `${[JSON.stringify(header), ...events].join('\n')}\n`;
}
