import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Kubernetes' OpenAPI schemas as the official client declares them: its models are generated from the specification,
 * one file a definition. Read as text, because the client itself is slow to load and cannot run in jest.
 */
const models = join(
  dirname(require.resolve('@kubernetes/client-node/package.json')),
  'dist',
  'gen',
  'models',
);

interface Field {
  readonly type: string;
  readonly required: boolean;
}

const definitions = new Map<string, ReadonlyMap<string, Field>>();

/** The fields of a definition by name; undefined when there is no such definition. */
function fieldsOf(definition: string): ReadonlyMap<string, Field> | undefined {
  const known = definitions.get(definition);
  if (known) return known;
  const file = join(models, `${definition}.d.ts`);
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  const body = text.slice(
    text.indexOf('export declare class'),
    text.indexOf('static readonly discriminator'),
  );
  const fields = new Map<string, Field>();
  for (const [, name = '', optional, type = ''] of body.matchAll(/'([^']+)'(\?)?:\s*(\{[^}]*\}|[^;]+);/g)) {
    // The client makes identifiers of names: `_from`, `x_kubernetes_validations`.
    fields.set(
      name.replace(/^_/, '').replace(/^x_kubernetes_.*/, (word) => word.replaceAll('_', '-')),
      { type: type.replace(/\s+/g, ' '), required: optional === undefined },
    );
  }
  definitions.set(definition, fields);
  return fields;
}

/** Every way in which an object differs from the schema of its kind: unknown, missing and mistyped fields. */
export function violationsOf(manifest: { readonly apiVersion: string; readonly kind: string }): string[] {
  const version = manifest.apiVersion.split('/').at(-1) ?? '';
  const definition = version.charAt(0).toUpperCase() + version.slice(1) + manifest.kind;
  if (!fieldsOf(definition)) return [`there is no ${manifest.kind} in ${manifest.apiVersion}`];
  return [...check(manifest, definition, manifest.kind)];
}

function* check(value: unknown, type: string, path: string): Iterable<string> {
  const list = /^Array<(.*)>$/.exec(type)?.[1];
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type)?.[1];
  if (type === 'any') return;
  if (list !== undefined) {
    if (!Array.isArray(value)) yield `${path} is no list`;
    else for (const [index, item] of value.entries()) yield* check(item, list, `${path}[${index}]`);
  } else if (map !== undefined) {
    if (!isObject(value)) yield `${path} is no map`;
    else for (const [key, item] of Object.entries(value)) yield* check(item, map, `${path}.${key}`);
  } else if (['string', 'number', 'boolean'].includes(type)) {
    if (typeof value !== type) yield `${path} is ${JSON.stringify(value)}, not a ${type}`;
  } else if (type === 'IntOrString') {
    if (!['string', 'number'].includes(typeof value)) yield `${path} is neither a number nor a string`;
  } else {
    const fields = fieldsOf(type);
    if (!fields) throw new Error(`the client has no type ${type}, needed at ${path}`);
    if (!isObject(value)) yield `${path} is no object`;
    else yield* checkObject(value, fields, path);
  }
}

function* checkObject(
  value: Readonly<Record<string, unknown>>,
  fields: ReadonlyMap<string, Field>,
  path: string,
): Iterable<string> {
  for (const [name, { required }] of fields) {
    if (required && !(name in value)) yield `${path}.${name} is missing`;
  }
  for (const [name, member] of Object.entries(value)) {
    const field = fields.get(name);
    if (field) yield* check(member, field.type, `${path}.${name}`);
    else yield `${path}.${name} is not known`;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
