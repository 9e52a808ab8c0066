import * as z from 'zod';
import type { Path } from './path';

/** The schema without its optional wrapper. */
export function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodOptional ||
    schema instanceof z.ZodExactOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
    ? unwrap(schema.unwrap())
    : schema;
}

/** Members of a mapping and their schemas; those of all alternatives when there are several. */
export function membersOf(schema: z.core.$ZodType): Readonly<Record<string, z.core.$ZodType>> {
  const bare = unwrap(schema);
  if (bare instanceof z.ZodObject) return bare.shape;
  if (bare instanceof z.ZodUnion) return Object.assign({}, ...bare.options.map(membersOf));
  return {};
}

/** The schema of what is at a path, or undefined when nothing may be there. */
export function schemaAt(schema: z.core.$ZodType, path: Path): z.core.$ZodType | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return schema;
  const next = step(unwrap(schema), key);
  return next && schemaAt(next, rest);
}

function step(schema: z.core.$ZodType, key: string | number): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodArray) return schema.element;
  if (schema instanceof z.ZodRecord) return schema.valueType;
  return membersOf(schema)[key];
}

/** The docstring of a field, through its optional wrappers. */
export function descriptionOf(schema: z.core.$ZodType): string | undefined {
  const own = z.globalRegistry.get(schema)?.description;
  if (own !== undefined) return own;
  const bare = unwrap(schema);
  return bare === schema ? undefined : descriptionOf(bare);
}

/** Where in the file each key is known, other than below lists: `privateKey` in `ssh` and in `ssh.bastion`. */
export function homesOf(schema: z.core.$ZodType): ReadonlyMap<string, readonly string[]> {
  const homes = new Map<string, string[]>();
  const visit = (part: z.core.$ZodType, path: readonly string[]) => {
    for (const [name, member] of Object.entries(membersOf(part))) {
      homes.set(name, [...(homes.get(name) ?? []), path.join('.')]);
      visit(member, [...path, name]);
    }
  };
  visit(schema, []);
  return homes;
}
