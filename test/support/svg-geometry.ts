import { type TextStyle, textStyles, textWidth } from '../../src/diagram/text';

export interface Area {
  readonly what: string;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const attribute = (tag: string, name: string) => new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1];
const number = (tag: string, name: string) => Number(attribute(tag, name));

const unescapeXml = (text: string) =>
  text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));

/** What a reader sees who points at a text that is not all. */
export function titles(svg: string): string[] {
  return [...svg.matchAll(/<text [^>]*><title>([^<]*)<\/title>/g)].map(([, title = '']) =>
    unescapeXml(title),
  );
}

/** Where the texts of a drawing are. */
export function texts(svg: string): Area[] {
  return [...svg.matchAll(/<text ([^>]*)>(?:<title>[^<]*<\/title>)?([^<]*)<\/text>/g)].map(
    ([tag, , content = '']) => {
      const text = unescapeXml(content);
      const style = attribute(tag, 'class')?.split(' ')[0] as TextStyle;
      const width = textWidth(text, style);
      const x = number(tag, 'x');
      const left = { middle: x - width / 2, end: x - width }[attribute(tag, 'text-anchor') ?? ''] ?? x;
      const y = number(tag, 'y');
      const { size } = textStyles[style];
      return { what: text, left, right: left + width, top: y - size * 0.75, bottom: y + size * 0.2 };
    },
  );
}

/** Boxes, without the ground. */
export function boxes(svg: string): Area[] {
  return [...svg.matchAll(/<rect [^>]*\/>/g)]
    .filter(([tag]) => !tag.includes('"ground"'))
    .map(([tag]) => ({
      what: attribute(tag, 'class') ?? '',
      left: number(tag, 'x'),
      top: number(tag, 'y'),
      right: number(tag, 'x') + number(tag, 'width'),
      bottom: number(tag, 'y') + number(tag, 'height'),
    }));
}

/** The straight pieces of all arrows; `what` is the arrow's path. */
export function pieces(svg: string): Area[] {
  return [...svg.matchAll(/<path class="link" d="([^"]*)"/g)].flatMap(([, path = '']) => {
    const points = path
      .split(/ ?[ML]/)
      .filter(Boolean)
      .map((point) => point.split(' ').map(Number));
    return points.slice(1).map(([x = 0, y = 0], i) => {
      const [fromX = 0, fromY = 0] = points[i] ?? [];
      return {
        what: path,
        left: Math.min(x, fromX),
        right: Math.max(x, fromX),
        top: Math.min(y, fromY),
        bottom: Math.max(y, fromY),
      };
    });
  });
}

export function size(svg: string): Area {
  const [, width = '', height = ''] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? [];
  return { what: 'picture', left: 0, top: 0, right: Number(width), bottom: Number(height) };
}

/** Whether two areas share more than an edge. */
export function overlap(a: Area, b: Area): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/** Whether a straight piece and an area touch inside. */
export function meets(piece: Area, area: Area): boolean {
  return (
    piece.left < area.right && piece.right > area.left && piece.top < area.bottom && piece.bottom > area.top
  );
}

export function inside(inner: Area, outer: Area): boolean {
  return (
    inner.left >= outer.left &&
    inner.right <= outer.right &&
    inner.top >= outer.top &&
    inner.bottom <= outer.bottom
  );
}
