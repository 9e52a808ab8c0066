import { type Box, type Canvas, centre } from './canvas';
import { breakText, lineHeight, type TextStyle, wrap } from './text';

/** A line in a box. */
export interface Line {
  readonly text: string;
  readonly style: TextStyle;
  /** All of it, if the text is a part. */
  readonly title?: string;
}

/** A name, an address or a path, on as many lines as it takes: shortened ones may look the same. */
export function wholeText(text: string, style: TextStyle, width: number): Line[] {
  const lines = breakText(text, style, width);
  return lines.map((line) => ({ text: line, style, ...(lines.length > 1 && { title: text }) }));
}

/** A sentence. */
export function noteLines(sentence: string, width: number): Line[] {
  return wrap(sentence, 'note', width).map((text) => ({ text, style: 'note' }));
}

/** Draws lines one below the other in the middle of a box; the first stands at `y`. */
export function drawLines(canvas: Canvas, lines: readonly Line[], box: Box, y: number): void {
  for (const [index, line] of lines.entries())
    canvas.text(line.text, [centre(box), y + index * lineHeight], {
      ...line,
      muted: line.style === 'note',
      anchor: 'middle',
    });
}
