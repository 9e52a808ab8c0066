import { type TextStyle, textStyles } from './text';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What a box stands for; its colours are in the style sheet. */
export type BoxKind = 'outside' | 'entry' | 'frame' | 'group' | 'server' | 'agent' | 'data' | 'foreign';

export type Point = readonly [x: number, y: number];

interface TextOptions {
  readonly style: TextStyle;
  readonly muted?: boolean;
  readonly anchor?: 'start' | 'middle' | 'end';
  /** All of it, which a reader sees who points at it. @default - the text is all */
  readonly title?: string;
}

export const right = (box: Box): number => box.x + box.width;
export const bottom = (box: Box): number => box.y + box.height;
export const centre = (box: Box): number => Math.round(box.x + box.width / 2);

/** Shapes as SVG, in the order they are drawn. */
export class Canvas {
  private readonly shapes: string[] = [];

  box({ x, y, width, height }: Box, kind: BoxKind): void {
    this.shapes.push(
      `<rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${height}" rx="${kind === 'frame' ? 12 : 8}"/>`,
    );
  }

  /** `y` is the base line. */
  text(
    text: string,
    [x, y]: Point,
    { style, muted = false, anchor = 'start', title = text }: TextOptions,
  ): void {
    const place = anchor === 'start' ? '' : ` text-anchor="${anchor}"`;
    const all = title === text ? '' : `<title>${escapeXml(title)}</title>`;
    this.shapes.push(
      `<text class="${style}${muted ? ' muted' : ''}" x="${x}" y="${y}"${place}>${all}${escapeXml(text)}</text>`,
    );
  }

  /** A line through the points, with an arrowhead at its end. */
  arrow(points: readonly Point[], ends: 'one' | 'both' = 'one'): void {
    const path = points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x} ${y}`).join(' ');
    const start = ends === 'both' ? ' marker-start="url(#head)"' : '';
    this.shapes.push(`<path class="link" d="${path}"${start} marker-end="url(#head)"/>`);
  }

  /** The whole picture. It has its own background, so it is readable on any page. */
  svg(size: { width: number; height: number }, title: string, description: string): string {
    const { width, height } = size;
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description">
<title id="title">${escapeXml(title)}</title>
<desc id="description">${escapeXml(description)}</desc>
<style>
${styleSheet}
</style>
<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path class="head" d="M0 0 L10 5 L0 10 Z"/></marker></defs>
<rect class="ground" width="${width}" height="${height}" rx="12"/>
${this.shapes.join('\n')}
</svg>
`;
  }
}

/** A text as content of XML, or in an attribute's quotes. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Fill and line of each kind of box, light and dark; texts on all of them have a contrast of 4.5 at least. */
const colours: Record<BoxKind | 'ground', readonly [light: [string, string], dark: [string, string]]> = {
  ground: [
    ['#ffffff', '#d1d9e0'],
    ['#0d1117', '#3d444d'],
  ],
  outside: [
    ['#ffffff', '#818b98'],
    ['#0d1117', '#656c76'],
  ],
  entry: [
    ['#fff8e5', '#bf8700'],
    ['#2a210d', '#9e6a03'],
  ],
  frame: [
    ['#f6f8fa', '#d1d9e0'],
    ['#151b23', '#3d444d'],
  ],
  group: [
    ['#ffffff', '#d1d9e0'],
    ['#0d1117', '#3d444d'],
  ],
  server: [
    ['#ddf4ff', '#54aeff'],
    ['#0c2d4d', '#1f6feb'],
  ],
  agent: [
    ['#eaeef2', '#818b98'],
    ['#212830', '#656c76'],
  ],
  data: [
    ['#dafbe1', '#2da44e'],
    ['#0f2d1a', '#238636'],
  ],
  foreign: [
    ['#ffffff', '#2da44e'],
    ['#0d1117', '#238636'],
  ],
};

const styleSheet = [
  'text { font-family: system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328; }',
  ...Object.entries(textStyles).map(([style, { size }]) => {
    const more = {
      heading: ' font-weight: 600;',
      name: ' font-weight: 600;',
      code: ' font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;',
      body: '',
      note: '',
    }[style as TextStyle];
    return `.${style} { font-size: ${size}px;${more} }`;
  }),
  '.muted { fill: #59636e; }',
  '.link { fill: none; stroke: #59636e; stroke-width: 1.5; }',
  '.head { fill: #59636e; }',
  ...Object.entries(colours).map(([kind, [[fill, line]]]) => `.${kind} { fill: ${fill}; stroke: ${line}; }`),
  '.outside, .foreign { stroke-dasharray: 5 4; }',
  '@media (prefers-color-scheme: dark) {',
  '  text { fill: #f0f6fc; }',
  '  .muted { fill: #9198a1; }',
  '  .link { stroke: #9198a1; }',
  '  .head { fill: #9198a1; }',
  ...Object.entries(colours).map(
    ([kind, [, [fill, line]]]) => `  .${kind} { fill: ${fill}; stroke: ${line}; }`,
  ),
  '}',
].join('\n');
