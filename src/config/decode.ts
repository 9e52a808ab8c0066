import type * as z from 'zod';
import type { Config } from './config';
import { type Draft, decodeDraft } from './draft';
import type { Issue } from './issue';
import { formatPath, type Path } from './path';
import type { Complaint, Positions } from './positions';
import { quote } from './quote';
import { cluster } from './schema/cluster';
import { descriptionOf, homesOf, membersOf, schemaAt } from './schema-walk';
import { sentence } from './sentence';
import { closest } from './suggest';

/** What decoding gives: a config, or issues and what could be decoded all the same. */
export type Decoded =
  | { readonly config: Config; readonly draft: Draft; readonly issues: readonly [] }
  | { readonly config?: undefined; readonly draft: Draft | undefined; readonly issues: readonly Issue[] };

type SchemaIssue = z.core.$ZodIssue;

/** Decodes plain values by the schema. Every issue points at the value or key that it is about. */
export function decode(value: unknown, positions: Positions): Decoded {
  // A message of the schema itself wins over this one; the others are made below, where the file is at hand.
  const result = cluster.safeParse(value, { error: () => '' });
  if (result.success) return { config: result.data, draft: result.data, issues: [] };
  const decoder = new Decoder(value, positions);
  return {
    draft: decodeDraft(cluster, value),
    issues: withoutConsequences(result.error.issues, value).flatMap((issue) => decoder.issues(issue, [])),
  };
}

class Decoder {
  constructor(
    private readonly root: unknown,
    private readonly positions: Positions,
  ) {}

  issues(issue: SchemaIssue, around: Path): Issue[] {
    const path = [...around, ...pathOf(issue)];
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((key) => this.issue([...path, key], unknownKey(key, path), 'key'));
      case 'invalid_union':
        return this.unionIssues(issue, path);
      case 'invalid_key': {
        const [first] = issue.issues;
        const key = path.at(-1);
        const message = issue.message || first?.message || `${quote(String(key))} cannot be a key here`;
        return [this.issue(path, { code: 'invalid-key', message: shorten(message, key) }, 'key')];
      }
      default:
        return [this.leaf(issue, path)];
    }
  }

  private leaf(issue: SchemaIssue, path: Path): Issue {
    const place = this.positions.find(path);
    if (!place) return this.issue(path, missingKey(path));
    const input = valueAt(this.root, path);
    if (input === null) {
      const name = path.at(-1);
      const message =
        typeof name === 'string'
          ? `${quote(name)} has no value: write one after the ':', or delete the line`
          : "this list item is empty: write a value after the '-', or delete the line";
      return this.issue(path, { code: 'no-value', message });
    }
    if (issue.message)
      return this.issue(path, { code: 'invalid-value', message: shorten(issue.message, input) });
    return this.issue(path, sentence(issue, input, place.value));
  }

  /** One sentence for all alternatives; or what is wrong with the only one that has the right type. */
  private unionIssues(issue: SchemaIssue & { code: 'invalid_union' }, path: Path): Issue[] {
    const input = valueAt(this.root, path);
    const close = issue.errors.filter(
      (alternative) => !alternative.some((each) => isTypeMismatch(each, input)),
    );
    const [only] = close;
    if (only && close.length === 1) return only.flatMap((each) => this.issues(each, path));
    return [this.leaf(issue, path)];
  }

  private issue(path: Path, complaint: Complaint, target: 'value' | 'key' = 'value'): Issue {
    return this.positions.issueAtPath(path, complaint, target);
  }
}

/** The value itself has the wrong type, not something in it. */
function isTypeMismatch(issue: SchemaIssue, input: unknown): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_value') return typeof input === 'object';
  return issue.code === 'invalid_type' || issue.code === 'invalid_union';
}

/** Made when the first unknown key turns up. */
let homes: ReadonlyMap<string, readonly string[]> | undefined;

function unknownKey(key: string, path: Path): Complaint {
  const place = formatPath(path);
  const code = 'unknown-key';
  const message = `unknown key ${quote(key)}${place && ` in ${place}`}`;
  const schema = schemaAt(cluster, path);
  const known = schema ? Object.keys(membersOf(schema)) : [];
  const meant = closest(key, known);
  if (meant !== undefined) return { code, message, hint: `did you mean ${quote(meant)}?` };
  homes ??= homesOf(cluster);
  const [home] = homes.get(key) ?? [];
  if (home !== undefined) {
    return {
      code,
      message,
      hint: `${quote(key)} belongs ${home ? `in ${quote(home)}` : 'at the top level'}`,
    };
  }
  return { code, message, hint: `known keys here: ${known.join(', ')}` };
}

function missingKey(path: Path): Complaint {
  const name = String(path.at(-1));
  const place = formatPath(path.slice(0, -1));
  const schema = schemaAt(cluster, path);
  const description = schema && descriptionOf(schema);
  return {
    code: 'missing-key',
    message: `the key ${quote(name)} is missing${place && ` in ${place}`}`,
    ...(description && { hint: `${name}: ${description}` }),
  };
}

/** A misspelt key is one mistake, although its right name is missing then. */
function withoutConsequences(issues: readonly SchemaIssue[], root: unknown): SchemaIssue[] {
  const misspelt = new Set<string>();
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    const path = pathOf(issue);
    const schema = schemaAt(cluster, path);
    for (const key of issue.keys) {
      const meant = schema && closest(key, Object.keys(membersOf(schema)));
      // Beside a right one it is a mistake of its own.
      if (meant !== undefined && valueAt(root, [...path, meant]) === undefined)
        misspelt.add(formatPath([...path, meant]));
    }
  }
  return issues.filter(
    (issue) => issue.code === 'unrecognized_keys' || !misspelt.has(formatPath(pathOf(issue))),
  );
}

function pathOf(issue: SchemaIssue): Path {
  return issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], root);
}

/** Messages of the schema quote the value whole. */
function shorten(message: string, input: unknown): string {
  return typeof input === 'string' ? message.replaceAll(`'${input}'`, () => quote(input)) : message;
}
