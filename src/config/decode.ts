import * as z from 'zod';
import type { ClusterFile } from './config';
import { type Draft, decodeDraft } from './draft';
import { hintForKey, hintForValue, mappingOf, placeOf } from './habits';
import type { Issue } from './issue';
import { lookAlike, placeholder } from './look-alikes';
import { type Misplaced, misplaced } from './misplaced';
import { formatPath, type Path } from './path';
import type { Complaint, Positions } from './positions';
import { quote } from './quote';
import { cluster } from './schema/cluster';
import { descriptionOf, homesOf, membersOf, schemaAt, unwrap } from './schema-walk';
import { sentence } from './sentence';
import { closest, didYouMean } from './suggest';

/** The result of decoding: a config, or issues and whatever could be decoded. */
export type Decoded =
  | { readonly config: ClusterFile; readonly draft: Draft<ClusterFile>; readonly issues: readonly [] }
  | {
      readonly config?: undefined;
      readonly draft: Draft<ClusterFile> | undefined;
      readonly issues: readonly Issue[];
    };

type SchemaIssue = z.core.$ZodIssue;

/** Decodes plain values by the schema. Every issue points at the value or key that it is about. */
export function decode(value: unknown, positions: Positions): Decoded {
  const stray = misplaced(value);
  if (stray) return around(stray, value, positions);
  return decodeValue(value, positions);
}

/** One issue for what belongs elsewhere, and those of the rest of the file. */
function around({ path, target, complaint }: Misplaced, value: unknown, positions: Positions): Decoded {
  const issue = positions.issueAtPath(path, complaint, target);
  const [section = ''] = path;
  if (section !== 'metallb') return { draft: undefined, issues: [issue] };
  const { draft, issues } = decodeValue({ ...(value as object), [section]: null }, positions);
  return { draft, issues: [issue, ...issues.filter((other) => other.path !== section)] };
}

function decodeValue(value: unknown, positions: Positions): Decoded {
  // A message of the schema itself takes precedence; others are written below, where the file is available.
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
        return issue.keys.flatMap((key) =>
          this.issue([...path, key], unknownKey(key, path, this.positions), 'key'),
        );
      case 'invalid_union':
        return this.unionIssues(issue, path);
      case 'invalid_key': {
        const [first] = issue.issues;
        const key = path.at(-1);
        const message = issue.message || first?.message || `${quote(String(key))} cannot be a key here`;
        return this.issue(path, { code: 'invalid-key', message: shorten(message, key) }, 'key');
      }
      default:
        return this.leaf(issue, path);
    }
  }

  private leaf(issue: SchemaIssue, path: Path): Issue[] {
    const place = this.positions.find(path);
    if (!place) return this.issue(path, missingKey(path, this.positions));
    const input = valueAt(this.root, path);
    if (input === null) {
      return this.issue(path, { code: 'no-value', message: noValue(path) });
    }
    if (issue.message) {
      const hint = typeof input === 'string' ? (placeholder(input) ?? lookAlike(input)) : undefined;
      const message = shorten(issue.message, input);
      return this.issue(path, { code: 'invalid-value', message, ...(hint !== undefined && { hint }) });
    }
    return this.issue(path, inPlace(sentence(issue, input, place.value), path, input));
  }

  /** One sentence for all alternatives; or what is wrong with the only one that has the right type. */
  private unionIssues(issue: SchemaIssue & { code: 'invalid_union' }, path: Path): Issue[] {
    const input = valueAt(this.root, path);
    const close = issue.errors.filter(
      (alternative) => !alternative.some((each) => isTypeMismatch(each, input)),
    );
    const [only] = close;
    if (only && close.length === 1) return only.flatMap((each) => this.issues(each, path));
    return this.leaf(issue, path);
  }

  private issue(path: Path, complaint: Complaint, target: 'value' | 'key' = 'value'): Issue[] {
    // What a host has from its group is decoded there, too.
    if (this.positions.origin(path)[0] !== path[0]) return [];
    return [this.positions.issueAtPath(path, complaint, target)];
  }
}

/** The value itself has the wrong type, not something in it. */
function isTypeMismatch(issue: SchemaIssue, input: unknown): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_value') return typeof input === 'object';
  return issue.code === 'invalid_type' || issue.code === 'invalid_union';
}

function noValue(path: Path): string {
  const name = path.at(-1);
  if (typeof name !== 'string')
    return "this list item is empty: write a value after the '-', or delete the line";
  const schema = schemaAt(cluster, path);
  const mapping = schema && unwrap(schema) instanceof z.ZodObject && z.safeParse(schema, {}).success;
  return `${quote(name)} has no value: write ${mapping ? '{} for its defaults' : "one after the ':'"}, or delete the line`;
}

/** What can be said about a value only in its context. */
function inPlace(complaint: Complaint, path: Path, input: unknown): Complaint {
  if (typeof input !== 'string') return complaint;
  const hint = hintForValue(path, input) ?? placeholder(input) ?? lookAlike(input);
  if (hint !== undefined) return { ...complaint, hint };
  if (complaint.code !== 'wrong-type') return complaint;
  const schema = schemaAt(cluster, path);
  const members = schema && unwrap(schema) instanceof z.ZodObject ? Object.keys(membersOf(schema)) : [];
  if (members.length === 0 || path.length === 0) return complaint;
  const form = mappingOf(path, input) ?? `{ ${members.map((key) => `${key}: …`).join(', ')} }`;
  return { ...complaint, message: `expected a mapping, found ${quote(input)}: write it like ${form}` };
}

/** Created for the first unknown key. */
let homes: ReadonlyMap<string, readonly string[]> | undefined;

function unknownKey(key: string, path: Path, positions: Positions): Complaint {
  const place = formatPath(positions.origin(path));
  const code = 'unknown-key';
  const message = `unknown key ${quote(key)}${place && ` in ${place}`}`;
  const schema = schemaAt(cluster, path);
  const known = schema ? Object.keys(membersOf(schema)) : [];
  const here = placeOf(path);
  const hint = hintForKey(here, key) ?? didYouMean(key, known).hint ?? lookAlike(key);
  if (hint !== undefined) return { code, message, hint };
  homes ??= homesOf(cluster);
  const all = homes.get(key) ?? [];
  // Keys below the place are closer than those elsewhere.
  const home = all.find((each) => here !== '' && each.startsWith(`${here}.`)) ?? all[0];
  if (home !== undefined) {
    return {
      code,
      message,
      hint: `${quote(key)} belongs ${home ? `in ${quote(home)}` : 'at the top level'}`,
    };
  }
  return { code, message, hint: `known keys here: ${known.join(', ')}` };
}

function missingKey(path: Path, positions: Positions): Complaint {
  const name = String(path.at(-1));
  const place = formatPath(positions.origin(path.slice(0, -1)));
  const schema = schemaAt(cluster, path);
  const description = schema && descriptionOf(schema);
  return {
    code: 'missing-key',
    message: `the key ${quote(name)} is missing${place && ` in ${place}`}`,
    ...(description && { hint: `${name}: ${description}` }),
  };
}

/** A misspelled key is one mistake, although the correct key is then missing. */
function withoutConsequences(issues: readonly SchemaIssue[], root: unknown): SchemaIssue[] {
  const misspelt = new Set<string>();
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    const path = pathOf(issue);
    const schema = schemaAt(cluster, path);
    for (const key of issue.keys) {
      const meant = schema && closest(key, Object.keys(membersOf(schema)));
      // Beside a correct key it is a separate mistake.
      if (meant !== undefined && valueAt(root, [...path, meant]) === undefined)
        misspelt.add(formatPath([...path, meant]));
    }
  }
  // A text where a list belongs has a length too.
  const wrongType = new Set(
    issues.filter(({ code }) => code === 'invalid_type').map((issue) => formatPath(pathOf(issue))),
  );
  return issues.filter((issue) => {
    const path = formatPath(pathOf(issue));
    if (issue.code === 'unrecognized_keys') return true;
    return !misspelt.has(path) && (issue.code === 'invalid_type' || !wrongType.has(path));
  });
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
