import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A block of code in a page. */
export interface CodeBlock {
  /** `docs/README.md:12`, its first line. */
  readonly place: string;
  /** `sh`; empty for an indented block. */
  readonly language: string;
  readonly lines: readonly string[];
  /** Why tests do not run it: `<!-- not run by tests: needs hosts -->` above it. */
  readonly notRun?: string;
}

/** All pages that people read. */
export const pages: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...readdirSync('docs', { encoding: 'utf8', recursive: true })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name))
    .sort(),
];

export function codeBlocks(page: string): CodeBlock[] {
  const blocks: { place: string; language: string; lines: string[]; notRun?: string }[] = [];
  const all = readFileSync(page, 'utf8').split('\n');
  let fence: string | undefined;
  let notRun: string | undefined;
  for (const [index, line] of all.entries()) {
    const place = `${page}:${index + 1}`;
    const begin = () => blocks.push({ place, language: fence ?? '', lines: [], ...(notRun && { notRun }) });
    const indented = /^ {4,}\S/.test(line);
    if (fence === undefined && line.startsWith('```')) {
      fence = line.slice(3);
      begin();
    } else if (line === '```') {
      fence = notRun = undefined;
    } else if (fence !== undefined) {
      blocks.at(-1)?.lines.push(line);
    } else if (indented) {
      const before = all[index - 1] ?? '';
      if (!/^ {4,}\S/.test(before)) begin();
      blocks.at(-1)?.lines.push(line.slice(4));
    } else if (line !== '') notRun = /^<!-- not run by tests: (.+) -->$/.exec(line)?.[1];
  }
  return blocks;
}

/** Targets of links and images, without those of other sites. */
export function localLinks(page: string): string[] {
  const prose = readFileSync(page, 'utf8')
    .replace(/^```[\s\S]*?^```$/gm, '')
    .replace(/`[^`]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** Anchors of a page's headings, as GitHub makes them. */
export function anchors(page: string): string[] {
  return [...readFileSync(page, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

/** Cells of the table under a heading, without its first two lines. */
export function tableUnder(page: string, heading: string): string[][] {
  const text = readFileSync(page, 'utf8');
  return tableRows(text.slice(text.indexOf(`\n${heading}\n`)).split(/\n#/)[1] ?? '');
}

/** Cells of the first table of a text, without its first two lines. */
export function tableRows(text: string): string[][] {
  const rows = text.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
