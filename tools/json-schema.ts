import * as z from 'zod';
import { cluster } from '../src/config/schema/cluster';

/** The part of JSON schema that zod writes. */
export interface JsonSchema {
  readonly description?: string;
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
  const schema = z.toJSONSchema(cluster, { target: 'draft-2020-12', io: 'input' });
  return { ...schema, title: 'cluster.yaml of k3s-cdk' } as JsonSchema;
}
