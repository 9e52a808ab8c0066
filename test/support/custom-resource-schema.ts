import { evaluate } from '@marcbachmann/cel-js';
import Ajv, { type ValidateFunction } from 'ajv';
import { metallbCrds } from '../../src/cluster/metallb/crds';
import type { Manifest } from '../../src/config/objects/manifest';
import { documentsOf } from './manifests';

type Schema = Readonly<Record<string, unknown>>;

interface Crd extends Manifest {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string; readonly plural: string };
    readonly versions: readonly { name: string; schema: { openAPIV3Schema: Schema } }[];
  };
}

export const crds = documentsOf(metallbCrds) as Crd[];

const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false });
const validators = new Map<string, { schema: Schema; validate: ValidateFunction }>();
for (const { spec } of crds) {
  for (const { name, schema } of spec.versions) {
    const closed = close(schema.openAPIV3Schema, 0);
    validators.set(`${spec.group}/${name} ${spec.names.kind}`, {
      schema: closed,
      validate: ajv.compile(closed),
    });
  }
}

/** The schemas by `metallb.io/v1beta1 IPAddressPool`, in which unknown fields are errors. */
export const closedSchemas = new Map([...validators].map(([name, { schema }]) => [name, schema]));

/** Whether one of our CRDs describes the kind. */
export function isCustom({ apiVersion, kind }: Manifest): boolean {
  return validators.has(`${apiVersion} ${kind}`);
}

/**
 * Every way in which an object breaks the schema of our CRD, as the API server judges with `--validate=strict`:
 * unknown fields are errors, and CEL rules are evaluated.
 */
export function violationsOfCustom(manifest: Manifest, old?: Manifest): string[] {
  const entry = validators.get(`${manifest.apiVersion} ${manifest.kind}`);
  if (!entry) return [`there is no CRD for ${manifest.kind} in ${manifest.apiVersion}`];
  const { schema, validate } = entry;
  validate(manifest);
  const structural = (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
  return [...structural, ...rules(schema, manifest, old, '')];
}

/** Kubernetes refuses unknown fields without being told, except in metadata, which has a schema of its own. */
function close(schema: Schema, depth: number): Schema {
  const properties = schema.properties as Readonly<Record<string, Schema>> | undefined;
  const items = schema.items as Schema | undefined;
  return {
    ...schema,
    ...(properties && {
      additionalProperties: false,
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, member]) => [
          name,
          depth === 0 && name === 'metadata' ? member : close(member, depth + 1),
        ]),
      ),
    }),
    ...(items && { items: close(items, depth + 1) }),
  };
}

function* rules(schema: Schema, self: unknown, oldSelf: unknown, path: string): Iterable<string> {
  if (self === undefined) return;
  const validations = (schema['x-kubernetes-validations'] ?? []) as { rule: string; message: string }[];
  for (const { rule, message } of validations) {
    // A rule about a change holds when nothing was there before.
    if (rule.includes('oldSelf') && oldSelf === undefined) continue;
    if (evaluate(rule, { self: integers(self), oldSelf: integers(oldSelf) }) !== true)
      yield `${path}: ${message}`;
  }
  const properties = (schema.properties ?? {}) as Readonly<Record<string, Schema>>;
  for (const [name, member] of Object.entries(properties)) {
    yield* rules(member, memberOf(self, name), memberOf(oldSelf, name), `${path}/${name}`);
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Schema)[name] : undefined;
}

/** CEL tells integers from other numbers. */
function integers(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(integers);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, integers(member)]));
}
