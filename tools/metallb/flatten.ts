import { parse } from 'yaml';

/** A manifest as lines, each a path and what stands there, so that two can be compared line by line. */
export function flatten(manifest: object): Map<string, string> {
  const lines = new Map<string, string>();
  for (const [path, value] of leaves(withoutWords(manifest), '')) lines.set(path, value);
  return lines;
}

type Node = Readonly<Record<string, unknown>>;

/** Texts for people, which are written anew, and what a generator signs with. */
const words = new Set(['description', 'status', 'controller-gen.kubebuilder.io/version']);

function withoutWords(value: unknown, key = ''): unknown {
  // A schema may have a property of that name, which is an object.
  if (words.has(key) && (typeof value === 'string' || key === 'status')) {
    return typeof value === 'object' && isSchema(value) ? withoutWords(value) : undefined;
  }
  if (Array.isArray(value)) return value.map((item) => withoutWords(item));
  if (!isNode(value)) return value;
  // Messages of CEL rules are written anew too.
  const entries = Object.entries(value).filter(([name]) => !(name === 'message' && 'rule' in value));
  return Object.fromEntries(entries.map(([name, member]) => [name, withoutWords(member, name)]));
}

function isSchema(value: unknown): boolean {
  return isNode(value) && ('type' in value || 'properties' in value);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function* leaves(value: unknown, path: string): Iterable<[path: string, value: string]> {
  if (value === undefined || value === null) return;
  if (Array.isArray(value)) yield* items(value, path);
  else if (isNode(value)) {
    for (const [key, member] of Object.entries(value)) yield* leaves(member, `${path}/${key}`);
    if (Object.keys(value).length === 0) yield [path, '{}'];
  } else if (path.startsWith('/data/') && path.endsWith('.yaml')) yield* leaves(parse(String(value)), path);
  else yield [path, String(value)];
}

function* items(list: readonly unknown[], path: string): Iterable<[path: string, value: string]> {
  if (path === '/rules' && list.every((rule) => isNode(rule) && 'verbs' in rule)) {
    yield* rights(list as readonly Node[]);
    return;
  }
  if (list.length === 0) yield [path, '[]'];
  for (const [index, item] of list.entries()) {
    // `--port=9120` is the value 9120 of the argument `--port`.
    const [, flag, value] = /^(--[^=]+)=?(.*)$/s.exec(String(item)) ?? [];
    if (path.endsWith('/args') && flag !== undefined) yield [`${path}/${flag}`, value ?? ''];
    else yield* leaves(item, `${path}/${nameOf(item) ?? (isNode(item) ? index : item)}`);
  }
}

/** What tells items of a list apart, in the lists that Kubernetes merges by a key. */
const keys = ['name', 'mountPath', 'key', 'rule', 'port'];

function nameOf(item: unknown): string | undefined {
  if (!isNode(item)) return undefined;
  const key = keys.find((each) => typeof item[each] === 'string' || typeof item[each] === 'number');
  return key === undefined ? undefined : String(item[key]).replace(/\s+/g, ' ');
}

/** Rights one by one: how they are put together into rules does not matter. */
function* rights(rules: readonly Node[]): Iterable<[path: string, value: string]> {
  const all = (rule: Node, key: string) => (rule[key] ?? ['']) as readonly string[];
  for (const rule of rules) {
    for (const group of all(rule, 'apiGroups')) {
      for (const resource of all(rule, 'resources')) {
        for (const name of all(rule, 'resourceNames')) {
          const what = [group, resource, name].filter((part) => part !== '').join('/');
          for (const verb of all(rule, 'verbs')) yield [`/rules/${what}/${verb}`, 'granted'];
        }
      }
    }
  }
}
