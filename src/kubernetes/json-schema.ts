import type { Field, Scalar, Shape } from './shape';

/** The parts of an OpenAPI schema, of Kubernetes or in a CRD, that are checked. */
export interface JsonSchema {
  readonly type?: string;
  readonly format?: string;
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly nullable?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
}

/** Patterns, lengths, alternatives and CEL rules are not in it: those the API server checks. */
export function shapeOf(schema: JsonSchema): Shape {
  if (schema.$ref !== undefined) return { type: 'ref', name: schema.$ref };
  if (schema['x-kubernetes-int-or-string'] || schema.format === 'int-or-string')
    return { type: 'int-or-string' };
  switch (schema.type) {
    case 'string':
      return textOf(schema);
    case 'integer':
      return {
        type: 'integer',
        ...(schema.minimum !== undefined && { min: schema.minimum }),
        ...(schema.maximum !== undefined && { max: schema.maximum }),
      };
    case 'number':
    case 'boolean':
      return { type: schema.type };
    case 'array':
      return { type: 'list', items: schema.items ? shapeOf(schema.items) : any };
    case 'object':
      return objectOf(schema);
    default:
      return any;
  }
}

const any: Shape = { type: 'any' };

const formats: Readonly<Record<string, Scalar>> = { byte: 'bytes', quantity: 'quantity' };

function textOf({ format, enum: values }: JsonSchema): Shape {
  if (values?.every((value) => typeof value === 'string')) return { type: 'enum', values };
  return { type: formats[format ?? ''] ?? 'string' };
}

function objectOf(schema: JsonSchema): Shape {
  const { properties, additionalProperties: others } = schema;
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true || others === true;
  if (typeof others === 'object') return { type: 'map', values: shapeOf(others) };
  if (!properties) return any;
  const fields = Object.entries(properties).map(([name, member]): [string, Field] => [
    name,
    {
      shape: shapeOf(member),
      required: schema.required?.includes(name) ?? false,
      nullable: member.nullable === true,
    },
  ]);
  // A whole object within another has fields that this schema leaves out.
  return {
    type: 'object',
    fields: new Map(fields),
    open: open || schema['x-kubernetes-embedded-resource'] === true,
  };
}

/** Metadata is the same for all kinds, whatever a definition says of it. */
export function kindOf(schema: JsonSchema): Shape {
  const shape = shapeOf(schema);
  if (shape.type !== 'object') return shape;
  const text = { shape: { type: 'string' }, required: true, nullable: false } as const;
  const metadata = {
    shape: { type: 'ref', name: 'meta.v1.ObjectMeta' },
    required: true,
    nullable: false,
  } as const;
  return {
    ...shape,
    fields: new Map([...shape.fields, ['apiVersion', text], ['kind', text], ['metadata', metadata]]),
  };
}
