import * as z from 'zod';
import type { Config } from './config';
import type { GivenObject } from './objects/given-object';
import { unwrap } from './schema-walk';
import { closest } from './suggest';

/**
 * A config as far as it could be decoded, for rules. What is wrong in the file is undefined here; what the
 * file leaves out and has no default is absent (`isAbsent`). So a rule ignores holes: the decoder has already
 * reported them.
 */
export type Draft<T = Config> = T extends readonly GivenObject[]
  ? T
  : T extends readonly (infer Item)[]
    ? readonly (Draft<Item> | undefined)[]
    : T extends object
      ? { readonly [Key in keyof T]: Draft<T[Key]> | undefined }
      : T;

/** Whether the file leaves a member out, as opposed to having something wrong there. */
export function isAbsent<T extends object>(parent: T, key: keyof T): boolean {
  return !(key in parent);
}

/** Decodes every part of a value that can be decoded, descending as far as needed. */
export function decodeDraft<T>(schema: z.ZodType<T>, value: unknown): Draft<T> | undefined {
  return decodePart(schema, value) as Draft<T> | undefined;
}

function decodePart(schema: z.core.$ZodType, value: unknown): unknown {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  const bare = unwrap(schema);
  if (bare instanceof z.ZodArray && Array.isArray(value)) {
    return value.map((item) => decodePart(bare.element, item));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const members = value as Record<string, unknown>;
  if (bare instanceof z.ZodObject) {
    const misspelt = misspeltKeys(bare, members);
    const decoded = Object.entries<z.core.$ZodType>(bare.shape).flatMap(([key, member]) => {
      if (misspelt.has(key)) return [[key, undefined]];
      const part = decodePart(member, members[key]);
      const leftOut = !Object.hasOwn(members, key) && member._zod.optin === 'optional';
      return part === undefined && leftOut ? [] : [[key, part]];
    });
    return Object.fromEntries(decoded);
  }
  if (bare instanceof z.ZodRecord) {
    const { valueType } = bare;
    return Object.fromEntries(Object.keys(members).map((key) => [key, decodePart(valueType, members[key])]));
  }
  return undefined;
}

/** Keys that are missing in a mapping because they are misspelled: they are not left out. */
function misspeltKeys(schema: z.ZodObject, members: Record<string, unknown>): ReadonlySet<string> {
  const missing = Object.keys(schema.shape).filter((key) => !Object.hasOwn(members, key));
  const unknown = Object.keys(members).filter((key) => !Object.hasOwn(schema.shape, key));
  return new Set(unknown.flatMap((key) => closest(key, missing) ?? []));
}
