import { type JsonSchema, shapeOf } from '../../src/kubernetes/json-schema';
import type { Field, Shape } from '../../src/kubernetes/shape';
import { notMissed, otherWords } from './corrections';
import { textOf } from './shape-text';

export interface Release {
  /** `1.36.3` */
  readonly version: string;
  /** Of its OpenAPI document. */
  readonly definitions: Readonly<Record<string, Definition>>;
  /** Where the server's OpenAPI is made, in Go: words are only there. */
  readonly source: string;
}

interface Definition extends JsonSchema {
  readonly 'x-kubernetes-group-version-kind'?: readonly { group: string; version: string; kind: string }[];
}

/** Definitions that are read otherwise than their schema says. */
const special: Readonly<Record<string, Shape>> = {
  'resource.Quantity': { type: 'quantity' },
  'intstr.IntOrString': { type: 'int-or-string' },
  'meta.v1.Time': { type: 'string' },
  'meta.v1.MicroTime': { type: 'string' },
  'meta.v1.FieldsV1': { type: 'any' },
  'runtime.RawExtension': { type: 'any' },
};

interface Known {
  readonly fields: ReadonlyMap<string, Field>;
  /** Undefined for what is not an object with fields. */
  readonly other?: string;
}

/** All kinds that can be applied, with what they are made of, as each release has them. */
export function kubernetesText(releases: readonly Release[]): string {
  const sorted = [...releases].sort((a, b) => minorOf(a) - minorOf(b));
  const minors = sorted.map(minorOf);
  const known = sorted.map(definitionsOf);
  const names = [...new Set(known.flatMap((definitions) => [...definitions.keys()]))].sort();
  const lines = names.map((name) => {
    const each = known.map((definitions) => definitions.get(name));
    const there = each.map((one) => one !== undefined);
    const has = rangeText(there.indexOf(true), there.lastIndexOf(true), minors);
    const newest = each.findLast((one) => one !== undefined);
    if (newest?.other !== undefined) return `${name}${has} ${newest.other}`;
    return `${name}${has} (${fieldLines(name, each, minors).join(' ')})`;
  });
  const versions = sorted.map(({ version }) => version).join(', ');
  return `# Written by \`npm run schemas\` from Kubernetes ${versions}; changes here are lost.\n${lines.join('\n')}\n`;
}

function minorOf({ version }: Release): number {
  return Number(version.split('.')[1]);
}

/**
 * A field whose shape changed stands there once for each shape. The newest release says what is required: fields that
 * earlier ones called so and later ones do not were never asked for by the server.
 */
function fieldLines(
  definition: string,
  each: readonly (Known | undefined)[],
  minors: readonly number[],
): string[] {
  const names = [...new Set(each.flatMap((one) => [...(one?.fields.keys() ?? [])]))].sort();
  return names.flatMap((name) => {
    const shapes = each.map((one) => {
      const field = one?.fields.get(name);
      return field && textOf(field.shape);
    });
    const newest = each.findLast((one) => one?.fields.has(name))?.fields.get(name);
    const required = newest?.required && !notMissed.has(`${definition}.${name}`) ? '!' : '';
    // Where there is no definition there is no field either: only the definition's own releases need to be told apart.
    const filled = shapes.map((text, index) => (each[index] ? text : (shapes.find((other) => other) ?? '')));
    const same = filled.every((text) => text === filled[0]);
    return runsOf(same ? filled : shapes).map(
      ({ value, first, last }) => `${name}${required}:${value}${rangeText(first, last, minors)}`,
    );
  });
}

interface Run {
  readonly value: string;
  readonly first: number;
  readonly last: number;
}

/** Stretches of the same value. */
function runsOf(values: readonly (string | undefined)[]): Run[] {
  const runs: Run[] = [];
  values.forEach((value, index) => {
    const before = runs.at(-1);
    if (value === undefined) return;
    if (before?.value === value && before.last === index - 1)
      runs[runs.length - 1] = { ...before, last: index };
    else runs.push({ value, first: index, last: index });
  });
  return runs;
}

/** `@33-` is written `@33`; nothing when all have it. */
function rangeText(first: number, last: number, minors: readonly number[]): string {
  const from = first === 0 ? '' : String(minors[first]);
  if (last === minors.length - 1) return from && `@${from}`;
  return `@${from}-${minors[last]}`;
}

/** What can be reached from kinds with metadata, by its short name. */
function definitionsOf({ definitions, source }: Release): Map<string, Known> {
  const words = wordsOf(source);
  const short = new Map(
    Object.entries(definitions).map(([name, definition]) => [name, shortName(name, definition)]),
  );
  const found = new Map<string, Known>();
  const add = (name: string) => {
    const own = short.get(name) ?? name;
    if (found.has(own) || own in special) return;
    const definition = definitions[name] ?? {};
    const shape = shapeOf(renamed(definition, short, wordsFor(own, words.get(wordKey(name)))) as JsonSchema);
    found.set(
      own,
      shape.type === 'object' ? { fields: shape.fields } : { fields: new Map(), other: textOf(shape) },
    );
    for (const ref of JSON.stringify(definition.properties ?? {}).matchAll(/"#\/definitions\/([^"]+)"/g))
      add(ref[1] ?? '');
  };
  for (const [name, definition] of Object.entries(definitions))
    if (
      definition['x-kubernetes-group-version-kind'] &&
      definition.properties?.metadata?.$ref?.endsWith('.ObjectMeta')
    )
      add(name);
  return found;
}

/** `apps/v1/Deployment` for kinds, `apps.v1.DeploymentSpec` for the rest. */
function shortName(name: string, definition: Definition): string {
  const [kind, second] = definition['x-kubernetes-group-version-kind'] ?? [];
  if (kind && !second) return [kind.group, kind.version, kind.kind].filter((part) => part !== '').join('/');
  return name
    .split('.')
    .slice(/\.v\d\w*\.\w+$/.test(name) ? -3 : -2)
    .join('.');
}

/** With short names in references, special definitions in place, and words where there are some. */
function renamed(
  schema: JsonSchema,
  short: ReadonlyMap<string, string>,
  words?: ReadonlyMap<string, readonly string[]>,
): unknown {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.replace('#/definitions/', '');
    const own = short.get(name) ?? name;
    const replaced = special[own];
    if (!replaced) return { $ref: own };
    return replaced.type === 'any' ? {} : { type: 'string', format: replaced.type };
  }
  const { properties, items, additionalProperties: others } = schema;
  return {
    ...schema,
    ...(items && { items: renamed(items, short) }),
    ...(typeof others === 'object' && { additionalProperties: renamed(others, short) }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, member]) => {
          const values = words?.get(name);
          const whole = renamed(member, short) as JsonSchema;
          if (!values) return [name, whole];
          return [
            name,
            whole.items ? { ...whole, items: { ...whole.items, enum: values } } : { ...whole, enum: values },
          ];
        }),
      ),
    }),
  };
}

function wordsFor(
  definition: string,
  words: ReadonlyMap<string, readonly string[]> = new Map(),
): ReadonlyMap<string, readonly string[]> {
  const others = Object.entries(otherWords)
    .map(
      ([field, values]) =>
        [field.slice(0, field.lastIndexOf('.')), field.split('.').at(-1) ?? '', values] as const,
    )
    .filter(([owner]) => owner === definition)
    .map(([, field, values]) => [field, values] as const);
  return new Map([...others, ...words]);
}

/** The words of each field, by definition: the server serves them, its document in the sources leaves them out. */
function wordsOf(source: string): Map<string, Map<string, readonly string[]>> {
  const found = new Map<string, Map<string, readonly string[]>>();
  let fields = new Map<string, readonly string[]>();
  let field = '';
  for (const line of source.split('\n')) {
    const [, own] = /^func schema_(\w+)\(/.exec(line) ?? [];
    if (own !== undefined) {
      fields = new Map();
      found.set(own.split('_').slice(-3).join('.'), fields);
    }
    field = /^\t{5}"([^"]+)": \{/.exec(line)?.[1] ?? field;
    const [, values] = /^\s+Enum:\s+\[\]interface\{\}\{(.*)\},$/.exec(line) ?? [];
    if (values !== undefined)
      fields.set(
        field,
        [...values.matchAll(/"([^"]*)"/g)].map(([, word = '']) => word),
      );
  }
  return found;
}

function wordKey(name: string): string {
  return name.split('.').slice(-3).join('.');
}
