import { isScalar, type Node } from 'yaml';
import type * as z from 'zod';
import type { Complaint } from './positions';
import { quote, quoteAll } from './quote';
import { didYouMean } from './suggest';

/** What is wrong with a value, in words: for issues without a message in the schema. */
export function sentence(issue: z.core.$ZodIssue, input: unknown, node: Node | undefined): Complaint {
  switch (issue.code) {
    case 'invalid_type':
      return wrongType([issue.expected], input, node);
    case 'invalid_union':
      return wrongType(issue.errors.flatMap(expectedTypes), input, node);
    case 'invalid_value':
      return notOneOf(issue.values, input);
    case 'too_small':
    case 'too_big':
      return { code: 'out-of-range', message: outOfRange(issue, input) };
    case 'invalid_format':
      return { code: 'invalid-value', message: wrongFormat(issue.format, input) };
    default:
      return { code: 'invalid-value', message: `${quote(input)} is not allowed here` };
  }
}

function wrongFormat(format: string, input: unknown): string {
  switch (format) {
    case 'email':
      return `${quote(input)} is not an e-mail address: write it like me@example.net`;
    case 'url':
      return `${quote(input)} is not a URL: write it like https://vault.example.net`;
    default:
      return `${quote(input)} does not have the format that is needed here`;
  }
}

function expectedTypes(alternative: readonly z.core.$ZodIssue[]): string[] {
  return alternative.flatMap((issue) => {
    if (issue.code === 'invalid_type') return [issue.expected];
    if (issue.code === 'invalid_value') return issue.values.map((value) => quote(String(value)));
    return issue.code === 'invalid_union' ? issue.errors.flatMap(expectedTypes) : [];
  });
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

function wrongType(types: readonly string[], input: unknown, node: Node | undefined): Complaint {
  const names = [...new Set(types.map((type) => typeNames[type] ?? type))];
  const last = names.pop() ?? 'something else';
  const expected = names.length > 0 ? `${names.join(', ')} or ${last}` : last;
  const remedy = names.length === 0 && types[0] !== undefined ? remedyFor(types[0], input, node) : undefined;
  const message = `expected ${expected}, found ${describe(input, node)}`;
  return { code: 'wrong-type', message: remedy ? `${message}: ${remedy}` : message };
}

function describe(input: unknown, node: Node | undefined): string {
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object') return 'a mapping';
  if (typeof input === 'number') return `the number ${asWritten(input, node)}`;
  return typeof input === 'boolean' ? asWritten(input, node) : quote(String(input));
}

/** What to write instead, where that is clear. */
function remedyFor(type: string, input: unknown, node: Node | undefined): string | undefined {
  const scalar = typeof input !== 'object';
  switch (type) {
    case 'string':
      return scalar ? `put it in quotes, "${asWritten(input, node)}"` : undefined;
    case 'number':
    case 'int':
      if (typeof input === 'number') return 'leave out the fraction';
      return typeof input === 'string' && /^\d+$/.test(input) ? `write ${input} without quotes` : undefined;
    case 'boolean':
      if (/^(yes|on|y|true)$/i.test(String(input))) return 'write true';
      return /^(no|off|n|false)$/i.test(String(input)) ? 'write false' : undefined;
    case 'array':
      return scalar ? `put it in brackets, [${asWritten(input, node)}]` : "start each item with '- '";
    default:
      return scalar ? "write its keys, each as 'key: value'" : "write its keys without '-' and '['";
  }
}

/** `1.30` is the number 1.3, but the text of the file counts. */
function asWritten(input: unknown, node: Node | undefined): string {
  const source = isScalar(node) ? node.source : undefined;
  return quote(source ?? input).slice(1, -1);
}

function notOneOf(values: readonly unknown[], input: unknown): Complaint {
  const allowed = quoteAll(values, 'or');
  if (typeof input === 'object') {
    const found = Array.isArray(input) ? 'a list' : 'a mapping';
    return { code: 'wrong-type', message: `expected ${allowed}, found ${found}` };
  }
  return {
    code: 'not-allowed',
    message: `${quote(String(input))} is not allowed here: write ${allowed}`,
    ...didYouMean(String(input), values.map(String)),
  };
}

function outOfRange(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig, input: unknown): string {
  const small = issue.code === 'too_small';
  const limit = String(small ? issue.minimum : issue.maximum);
  const items = limit === '1' ? 'one item' : `${limit} items`;
  if (Array.isArray(input)) {
    if (input.length === 0) return `this list is empty: it needs at least ${items}`;
    return `this list has ${input.length} items: it takes at ${small ? 'least' : 'most'} ${items}`;
  }
  if (typeof input === 'string') {
    if (input === '') return 'the text is empty: write a value, or delete the line';
    return `the text has ${input.length} characters: write at ${small ? 'least' : 'most'} ${limit}`;
  }
  return `${String(input)} is too ${small ? 'small' : 'large'}: write ${limit} or ${small ? 'more' : 'less'}`;
}
