import { Composer, type Document, isMap, isNode, isScalar, type Node, Parser, type YAMLError } from 'yaml';
import type { Complaint, Span } from './positions';
import { explain } from './syntax';

/** After this many syntax errors the rest adds nothing; a file of brackets would have a million. */
const maxSyntaxErrors = 20;

/** A YAML text as nodes with positions, or what is wrong with its syntax. */
export interface Parsed {
  /** Undefined when there is nothing to decode. */
  readonly contents?: Node;
  readonly complaints: readonly (readonly [Span, Complaint])[];
}

/** Parses one YAML document. Never throws. */
export function parse(text: string): Parsed {
  // The second is one too many.
  const [document, second] = compose(text, 2);
  const errors = document ? [...document.errors, ...document.warnings] : [];
  if (errors.length > 0) return { complaints: explained(errors, text) };
  if (second && !isObject(document?.contents)) {
    const start = text.indexOf('---', Math.max(0, second.range[0] - 4));
    const span: Span = start >= 0 ? [start, start + 3] : [second.range[0], second.range[0] + 1];
    const message = 'a second document starts here: a cluster is described in one, so remove this line';
    return { complaints: [[span, { code: 'several-documents', message }]] };
  }
  const contents = document?.contents;
  if (isNode(contents) && !(isScalar(contents) && contents.value === null))
    return { contents, complaints: [] };
  const message = text.trim() === '' ? 'the file is empty' : 'the file has nothing but comments';
  const hint = 'start from a copy of one of examples/';
  return { complaints: [[[0, 1], { code: 'empty', message, hint }]] };
}

/** The documents of a text that holds any number of them, but for empty ones. Never throws. */
export function parseAll(text: string): { readonly documents: readonly Node[] } & Pick<Parsed, 'complaints'> {
  const documents = compose(text, Number.POSITIVE_INFINITY);
  const errors = documents.flatMap((document) => [...document.errors, ...document.warnings]);
  if (errors.length > 0) return { documents: [], complaints: explained(errors, text) };
  const contents = documents.map((document): unknown => document.contents).filter(isNode);
  return {
    documents: contents.filter((each) => !(isScalar(each) && each.value === null)),
    complaints: [],
  };
}

/**
 * A Kubernetes object: several in one file are common, and none belongs here, which is reported for the
 * first.
 */
function isObject(contents: unknown): boolean {
  return isMap(contents) && contents.has('apiVersion') && contents.has('kind');
}

/** The first documents of a text. */
function compose(text: string, count: number): Document.Parsed[] {
  const composer = new Composer({ merge: true, prettyErrors: false, stringKeys: true, uniqueKeys: false });
  const documents: Document.Parsed[] = [];
  for (const document of composer.compose(tokens(text), true, text.length)) {
    documents.push(document);
    if (documents.length === count) break;
  }
  return documents;
}

function* tokens(text: string): ReturnType<Parser['parse']> {
  let errors = 0;
  for (const token of new Parser().parse(text)) {
    yield token;
    if (token.type === 'error' && ++errors === maxSyntaxErrors) return;
  }
}

/** Each cause once: two errors of the parser may have the same, such as a tab. */
function explained(errors: readonly YAMLError[], text: string): Parsed['complaints'] {
  const complaints = independent(errors).map((error) => explain(error, text));
  return [...new Map(complaints.map((complaint) => [JSON.stringify(complaint), complaint])).values()];
}

/** Errors that do not affect the structure: the parser continues as if they were not there. */
const local: ReadonlySet<string> = new Set([
  'BAD_ALIAS',
  'BAD_DIRECTIVE',
  'BAD_DQ_ESCAPE',
  'BAD_SCALAR_START',
  'MULTIPLE_ANCHORS',
  'TAB_AS_INDENT',
  'TAG_RESOLVE_FAILED',
]);

/** The first error of the structure and those before it: later ones are its consequences. */
function independent(errors: readonly YAMLError[]): YAMLError[] {
  const sorted = errors.toSorted((a, b) => a.pos[0] - b.pos[0]);
  const structural = sorted.findIndex(({ code }) => !local.has(code));
  return sorted.slice(0, structural < 0 ? maxSyntaxErrors : structural + 1);
}
