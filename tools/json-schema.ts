import * as z from 'zod';
import { cluster } from '../src/config/schema/cluster';

/** The part of JSON schema that zod writes. */
export interface JsonSchema {
  description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

/** What editors complete and check cluster.yaml with (JSON schema, draft 2020-12). */
export function jsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(cluster, { target: 'draft-2020-12', io: 'input' }) as JsonSchema;
  // When it is whole: while zod writes it, a key that may be left out has no description yet.
  sayDefaults(schema);
  return { ...schema, title: 'cluster.yaml of k3s-cdk' } as JsonSchema;
}

/** A key that may be left out has a default, if only that there is none. */
function sayDefaults(schema: JsonSchema): void {
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const { description = '' } = property;
    if (schema.required?.includes(key) || property.default !== undefined) continue;
    if (!/Default\b.*: |Without it/.test(description))
      property.description = `${description} Default: none.`.trim();
  }
  const below = [...Object.values(schema.properties ?? {}), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  if (schema.items) below.push(schema.items);
  if (typeof schema.additionalProperties === 'object') below.push(schema.additionalProperties);
  for (const child of below) sayDefaults(child);
}
