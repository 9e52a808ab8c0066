import * as z from 'zod';
import { unwrap } from '../../../src/config/schema-walk';

type Schema = z.core.$ZodType;

/** A text in a document: a value, or a key of a mapping. */
export interface TextPlace {
  /** Of the value, or of the mapping. */
  readonly path: readonly (string | number)[];
  readonly isKey: boolean;
  readonly text: string;
  /** Its field in the schema: `hosts[].labels{}`, for a key `hosts[].labels{key}`. */
  readonly field: string;
  readonly schema: Schema;
}

/** Every field of the schema that takes a text which is not one of a few words. */
export function textFields(schema: Schema, field = ''): string[] {
  return fieldsBelow(schema, field, []);
}

function fieldsBelow(schema: Schema, field: string, around: readonly Schema[]): string[] {
  const bare = unwrap(schema);
  // Any JSON at all: its texts and keys count as one field each.
  if (bare instanceof z.ZodLazy) return [field, `${field}{key}`];
  if (around.includes(bare)) throw new Error(`the schema refers to itself at ${field}`);
  const below = (member: Schema, name: string) => fieldsBelow(member, field + name, [...around, bare]);
  if (bare instanceof z.ZodObject)
    return Object.entries<Schema>(bare.shape).flatMap(([name, member]) =>
      below(member, field === '' ? name : `.${name}`),
    );
  if (bare instanceof z.ZodArray) return below(bare.element, '[]');
  if (bare instanceof z.ZodRecord) return [`${field}{key}`, ...below(bare.valueType, '{}')];
  if (bare instanceof z.ZodUnion)
    return [...new Set(bare.options.flatMap((option) => below(option as Schema, '')))];
  return bare._zod.def.type === 'string' ? [field] : [];
}

/** Every text of a document that is valid. */
export function textPlaces(schema: Schema, document: unknown): TextPlace[] {
  const places: TextPlace[] = [];
  const visit = (part: Schema, value: unknown, path: readonly (string | number)[], field: string): void => {
    const bare = unwrap(part);
    const place = (text: string, isKey: boolean, own: Schema) =>
      places.push({ path, isKey, text, field: isKey ? `${field}{key}` : field, schema: own });
    if (bare instanceof z.ZodUnion) {
      const fitting = bare.options.find((option) => z.safeParse(option as Schema, value).success);
      if (fitting) visit(fitting as Schema, value, path, field);
    } else if (bare instanceof z.ZodLazy) {
      if (typeof value === 'string') place(value, false, bare);
      else if (Array.isArray(value))
        for (const [n, item] of value.entries()) visit(bare, item, [...path, n], field);
      else if (typeof value === 'object' && value !== null)
        for (const [key, member] of Object.entries(value)) {
          place(key, true, z.string());
          visit(bare, member, [...path, key], field);
        }
    } else if (bare instanceof z.ZodObject) {
      for (const [name, member] of Object.entries(value as object))
        visit(bare.shape[name], member, [...path, name], field === '' ? name : `${field}.${name}`);
    } else if (bare instanceof z.ZodArray) {
      for (const [n, item] of (value as unknown[]).entries())
        visit(bare.element, item, [...path, n], `${field}[]`);
    } else if (bare instanceof z.ZodRecord) {
      for (const [key, member] of Object.entries(value as object)) {
        place(key, true, bare.keyType);
        visit(bare.valueType, member, [...path, key], `${field}{}`);
      }
    } else if (bare._zod.def.type === 'string') place(String(value), false, bare);
  };
  visit(schema, document, [], '');
  return places;
}
