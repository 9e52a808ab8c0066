/** What a value may look like, as far as it is checked: names and types of fields, which must be there, and words. */
export type Shape =
  | { readonly type: 'any' }
  | { readonly type: Scalar }
  /** A text of which only these are taken. */
  | { readonly type: 'enum'; readonly values: readonly string[] }
  | { readonly type: 'integer'; readonly min?: number; readonly max?: number }
  | { readonly type: 'list'; readonly items: Shape }
  /** Any keys, values of one shape. */
  | { readonly type: 'map'; readonly values: Shape }
  | { readonly type: 'object'; readonly fields: ReadonlyMap<string, Field>; readonly open: boolean }
  /** Another definition, by its name. */
  | { readonly type: 'ref'; readonly name: string };

export type Scalar = 'string' | 'bytes' | 'number' | 'boolean' | 'quantity' | 'int-or-string';

export interface Field {
  readonly shape: Shape;
  readonly required: boolean;
  /** Null is a value of its own; elsewhere it is as good as nothing, or refused. */
  readonly nullable: boolean;
}
