import type { Field, Shape } from '../../src/kubernetes/shape';

const letters = {
  any: '*',
  string: 's',
  bytes: 'B',
  number: 'n',
  boolean: 'b',
  quantity: 'q',
  'int-or-string': 'x',
} as const;

/** A shape as `src/kubernetes/definitions.ts` reads it. */
export function textOf(shape: Shape): string {
  switch (shape.type) {
    case 'enum':
      return `"${[...shape.values].sort().join('|')}"`;
    case 'integer':
      return 'min' in shape || 'max' in shape ? `i<${shape.min ?? ''},${shape.max ?? ''}>` : 'i';
    case 'list':
      return `[${textOf(shape.items)}]`;
    case 'map':
      return `{${textOf(shape.values)}}`;
    case 'object':
      return objectText(fieldTexts(shape.fields), shape.open);
    case 'ref':
      return shape.name;
    default:
      return letters[shape.type];
  }
}

/** The texts of fields, by name: `name!:s`. */
export function fieldTexts(fields: ReadonlyMap<string, Field>): Map<string, string> {
  const sorted = [...fields].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(
    sorted.map(([name, { shape, required, nullable }]) => [
      name,
      `${name}${required ? '!' : ''}${nullable ? '~' : ''}:${textOf(shape)}`,
    ]),
  );
}

export function objectText(fields: ReadonlyMap<string, string>, open: boolean): string {
  return `(${[...fields.values(), ...(open ? ['*'] : [])].join(' ')})`;
}
