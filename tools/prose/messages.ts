import { extname } from 'node:path';
import { parseSync } from '@swc/core';

interface Literal {
  /** Of the source, from 0. */
  readonly line: number;
  readonly text: string;
}

/** A source with nothing left in it but its comments and what it may say to people, on the same lines. */
export function proseOf(path: string, source: string): string {
  const lines = source.split('\n').map(commentOf);
  const literals = extname(path) === '.ts' ? literalsOfTypeScript(source) : literalsOfScript(source);
  for (const { line, text } of literals) if (isProse(text)) lines[line] += `${text.replaceAll('\n', ' ')} `;
  return lines.join('\n');
}

/** The comment that is all of a line, without what is for linters. */
const commentOf = (line: string) =>
  /^\s*(?:\/\*\*|\*|\/\/|#)\s(?!shellcheck|biome-ignore)(.*?)(?:\*\/)?$/.exec(line)?.[1] ?? '';

/** At least three words in a row, and nothing that ends or begins as code does. */
const isProse = (text: string) =>
  /[a-z']+,? [a-z']+,? [a-z']+/i.test(text) && !/^\s*[#/<]|[{};]\s*$|=>/.test(text);

function literalsOfTypeScript(source: string): Literal[] {
  // The parser counts bytes, from where the file before has ended: the first statement says from where.
  const bytes = Buffer.from(`;${source}`);
  const { body } = parseSync(bytes.toString(), { syntax: 'typescript', decorators: true });
  const begin = body[0]?.span.start ?? 0;
  const lineOf = (offset: number) => {
    let line = 0;
    for (let at = bytes.indexOf(10); at !== -1 && at < offset - begin; at = bytes.indexOf(10, at + 1))
      line += 1;
    return line;
  };
  const found: Literal[] = [];
  visit(body, (node) => {
    const { span, type } = node;
    if (type === 'StringLiteral') found.push({ line: lineOf(span.start), text: node.value });
    else if (type === 'TemplateLiteral')
      found.push({
        line: lineOf(span.start),
        // What is put in at run time is a name or a number.
        text: node.quasis.map(({ cooked }: { cooked?: string }) => cooked ?? '').join("'X'"),
      });
  });
  return found;
}

// biome-ignore lint/suspicious/noExplicitAny: a syntax tree of a hundred kinds of nodes, of which two are read.
function visit(node: any, see: (node: any) => void): void {
  if (node === null || typeof node !== 'object') return;
  if (Array.isArray(node)) for (const item of node) visit(item, see);
  else {
    if (typeof node.type === 'string') see(node);
    for (const value of Object.values(node)) visit(value, see);
  }
}

/** What bash and Python print: texts in double quotes after a word that prints, or that begin a line. */
function literalsOfScript(source: string): Literal[] {
  return source.split('\n').flatMap((text, line) =>
    /^\s*"|^[^#]*\b(fatal|warn|info|log|echo|fail|raise|print|note)\b/.test(text)
      ? [...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, said = '']) => ({
          line,
          text: said.replace(/\$(\{[^}]*\}|\([^)]*\)|\w+)/g, "'X'"),
        }))
      : [],
  );
}
