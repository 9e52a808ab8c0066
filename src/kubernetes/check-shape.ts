import { isMap } from '../config/is-map';
import type { Path } from '../config/path';
import { quote, quoteAll } from '../config/quote';
import { didYouMean } from '../config/suggest';
import type { Field, Shape } from './shape';

/** One way in which an object is not what the API server takes. */
export interface SchemaFinding {
  readonly code: 'unknown-kind' | 'unknown-field' | 'wrong-type' | 'wrong-value' | 'missing-field';
  /** Where in the object: the unknown field itself, the value, or the map that lacks a field. */
  readonly path: Path;
  /** One sentence, lower case, with the value but not where it is. */
  readonly message: string;
  /** What was probably meant, in one more sentence. */
  readonly hint?: string;
}

export interface ShapeContext {
  /** Of a name in a shape. */
  readonly shapeOf: (name: string) => Shape | undefined;
  /** Built-in kinds take null and an empty text for nothing, custom ones only where they say so. */
  readonly emptyIsNothing: boolean;
}

type Findings = Iterable<SchemaFinding>;

/** Every way in which a value is not of a shape. */
export function* checkShape(value: unknown, shape: Shape, path: Path, context: ShapeContext): Findings {
  switch (shape.type) {
    case 'any':
      break;
    case 'ref':
      yield* checkShape(value, context.shapeOf(shape.name) ?? { type: 'any' }, path, context);
      break;
    case 'object':
      if (isMap(value)) yield* checkFields(value, shape, path, context);
      else yield wrongType(value, 'a map', path);
      break;
    case 'map':
      if (isMap(value)) yield* checkMembers(Object.entries(value), shape.values, path, context);
      else yield wrongType(value, 'a map', path);
      break;
    case 'list':
      if (Array.isArray(value)) yield* checkMembers(value.entries(), shape.items, path, context);
      else yield wrongType(value, 'a list', path);
      break;
    default:
      yield* checkScalar(value, shape, path, context);
  }
}

function* checkMembers(
  members: Iterable<[string | number, unknown]>,
  shape: Shape,
  path: Path,
  context: ShapeContext,
): Findings {
  for (const [key, member] of members)
    if (!isNothing(member, context)) yield* checkShape(member, shape, [...path, key], context);
}

type ObjectShape = Extract<Shape, { readonly type: 'object' }>;

function* checkFields(
  value: Readonly<Record<string, unknown>>,
  { fields, open }: ObjectShape,
  path: Path,
  context: ShapeContext,
): Findings {
  for (const [name, member] of Object.entries(value)) {
    const field = fields.get(name);
    const at = [...path, name];
    if (field && !isNothing(member, context) && !(member === null && field.nullable))
      yield* checkShape(member, field.shape, at, context);
    if (!field && !open) yield unknownField(name, value, fields, at);
  }
  for (const [name, { required }] of fields)
    if (required && isNothing(value[name], context))
      yield { code: 'missing-field', path, message: `${quote(name)} is missing` };
}

function unknownField(
  name: string,
  value: Readonly<Record<string, unknown>>,
  fields: ReadonlyMap<string, Field>,
  path: Path,
): SchemaFinding {
  const others = [...fields.keys()].filter((other) => !(other in value));
  const message = `unknown field ${quote(name)}`;
  return { code: 'unknown-field', path, message, ...didYouMean(name, others) };
}

type ScalarShape = Exclude<Shape, { readonly type: 'any' | 'ref' | 'object' | 'map' | 'list' }>;

const called: Readonly<Record<ScalarShape['type'], string>> = {
  enum: 'a text',
  string: 'a text',
  bytes: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  quantity: 'a quantity',
  'int-or-string': 'a whole number or a text',
};

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const quantity = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$/;

function* checkScalar(value: unknown, shape: ScalarShape, path: Path, context: ShapeContext): Findings {
  if (!isOfType(value, shape.type)) {
    yield wrongType(value, called[shape.type], path);
    return;
  }
  const text = String(value);
  const finding = { code: 'wrong-value', path } as const;
  if (shape.type === 'integer') {
    const { min = -Infinity, max = Infinity } = shape;
    if (Number(value) < min) yield { ...finding, message: `${text} has to be at least ${min}` };
    if (Number(value) > max) yield { ...finding, message: `${text} has to be at most ${max}` };
  }
  const isWord = shape.type !== 'enum' || shape.values.includes(text);
  if (!isWord && !(text === '' && context.emptyIsNothing)) {
    const message = `${quote(text)} has to be ${quoteAll(shape.values, 'or')}`;
    yield { ...finding, message, ...didYouMean(text, shape.values) };
  }
  if (shape.type === 'bytes' && !base64.test(text.replace(/[\r\n]/g, '')))
    yield { ...finding, message: 'the value is not base64', hint: 'a Secret takes plain text as stringData' };
  if (shape.type === 'quantity' && !quantity.test(text)) {
    const message = `${quote(text)} is not a quantity`;
    yield { ...finding, message, hint: 'write a number, and after it m, k, M, G, Ki, Mi, Gi or nothing' };
  }
}

function isOfType(value: unknown, type: ScalarShape['type']): boolean {
  switch (type) {
    case 'number':
    case 'boolean':
      return typeof value === type;
    case 'integer':
      return Number.isInteger(value);
    case 'int-or-string':
      return typeof value === 'string' || Number.isInteger(value);
    case 'quantity':
      return typeof value === 'string' || typeof value === 'number';
    default:
      return typeof value === 'string';
  }
}

function wrongType(value: unknown, wanted: string, path: Path): SchemaFinding {
  const isUnquoted = wanted === 'a text' && ['number', 'boolean'].includes(typeof value);
  return {
    code: 'wrong-type',
    path,
    message: `${described(value)} has to be ${wanted}`,
    ...(isUnquoted && { hint: 'put it in quotes' }),
  };
}

function described(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (isMap(value)) return 'a map';
  return typeof value === 'string' ? `the text ${quote(value)}` : String(value);
}

function isNothing(value: unknown, { emptyIsNothing }: ShapeContext): boolean {
  return value === undefined || (value === null && emptyIsNothing);
}
