import { isDeepStrictEqual } from 'node:util';
import { escapeXml } from '../../src/diagram/canvas';
import { type Line, Screen } from './screen';

// A part of the recorded session as an SVG that moves, for the README: from the first `deploy` until the API answers. It is
// one long strip of pictures of the terminal, pulled past a window that shows one of them; a line of text that several of
// them show is there once.

const from = '$ k3s-cdk deploy';
const until = '$ kubectl get ipaddresspools';
/** Of the session, so that a minute is a quarter of one. */
const speed = 4;
/** Of the session: how often a picture is taken. */
const secondsBetween = 0.5;
const secondsOfLast = 6;
const cell = { width: 8.4, height: 19 };
const margin = 16;
const bar = 34;

interface Picture {
  /** In the picture's own time. */
  readonly seconds: number;
  readonly lines: readonly Line[];
}

/**
 * The moving picture of a recording.
 *
 * @param cast as `npm run record` writes it
 */
export function movingPicture(cast: string): string {
  const [header = '', ...events] = cast.trim().split('\n');
  const { width } = JSON.parse(header) as { width: number };
  const pictures = picturesOf(
    events.map((line) => JSON.parse(line) as Event),
    width,
  );
  return draw(pictures);
}

type Event = readonly [seconds: number, kind: string, text: string];

function picturesOf(events: readonly Event[], columns: number): Picture[] {
  const screen = new Screen(columns);
  const pictures: Picture[] = [];
  let begin: number | undefined;
  let next = 0;
  for (const [seconds, , text] of events) {
    screen.write(text);
    if (begin === undefined && screen.last().startsWith(from)) {
      begin = seconds;
      screen.keepFrom(from);
    }
    if (begin === undefined) continue;
    if (screen.last().startsWith(until)) {
      screen.dropLast();
      pictures.push({ seconds: (seconds - begin) / speed, lines: screen.lines() });
      return pictures;
    }
    if (seconds < next) continue;
    const lines = screen.lines();
    if (isDeepStrictEqual(lines, pictures.at(-1)?.lines)) continue;
    pictures.push({ seconds: (seconds - begin) / speed, lines });
    next = seconds + secondsBetween;
  }
  throw new Error(`the session has no '${from}' with '${until}' after it: it is no picture of a deploy`);
}

/** The pictures as one SVG. */
function draw(pictures: readonly Picture[]): string {
  const columns = Math.max(...pictures.flatMap(({ lines }) => lines.map(({ text }) => text.length)));
  const rows = Math.max(...pictures.map(({ lines }) => lines.length));
  const width = Math.ceil(columns * cell.width) + 2 * margin;
  const height = bar + rows * cell.height + margin;
  const whole = (pictures.at(-1)?.seconds ?? 0) + secondsOfLast;
  const ids = new Map<string, number>();
  const shown = pictures.map(({ lines }, n) => {
    const uses = lines.flatMap((line, row) => {
      if (line.text === '') return [];
      const key = drawLine(line);
      const id = ids.get(key) ?? ids.size;
      ids.set(key, id);
      return [`<use href="#l${id}" y="${row * cell.height}"/>`];
    });
    return `<g transform="translate(${n * width})">${uses.join('')}</g>`;
  });
  const frames = pictures.map(
    ({ seconds }, n) => `${((100 * seconds) / whole).toFixed(2)}%{transform:translateX(${-n * width}px)}`,
  );
  const last = (pictures.length - 1) * width;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">
<title id="title">k3s-cdk deploy, from three bare hosts to an API that answers, ${speed} times as fast</title>
<style>
text { font: 14px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #e6edf3; white-space: pre; }
.b { font-weight: 600; fill: #ffffff; }
.w { fill: #d29922; }
.d { fill: #3fb950; }
.speed { fill: #9198a1; font-size: 12px; }
#strip { transform: translateX(${-last}px); animation: play ${whole.toFixed(1)}s steps(1, end) infinite; }
@media (prefers-reduced-motion: reduce) { #strip { animation: none; } }
@keyframes play { ${frames.join(' ')} }
</style>
<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>
<circle cx="20" cy="17" r="5" fill="#3d444d"/><circle cx="38" cy="17" r="5" fill="#3d444d"/><circle cx="56" cy="17" r="5" fill="#3d444d"/>
<text class="speed" x="${width - margin}" y="21" text-anchor="end">${speed} times as fast</text>
<defs>
${[...ids].map(([drawn, id]) => drawn.replace('<text', `<text id="l${id}"`)).join('\n')}
<clipPath id="window"><rect width="${width - 2 * margin}" height="${rows * cell.height}"/></clipPath>
</defs>
<g transform="translate(${margin} ${bar})" clip-path="url(#window)"><g id="strip">
${shown.join('\n')}
</g></g>
</svg>
`;
}

/** A line at the top; its width is given, as fonts differ. */
function drawLine({ text, bold }: Line): string {
  const shown = escapeXml(text)
    .replace(/✔+/g, (marks) => `<tspan class="d">${marks}</tspan>`)
    .replace(/^warning:/, (word) => `<tspan class="w">${word}</tspan>`);
  const width = (text.length * cell.width).toFixed(1);
  return `<text${bold ? ' class="b"' : ''} y="14" textLength="${width}" lengthAdjust="spacingAndGlyphs" xml:space="preserve">${shown}</text>`;
}
