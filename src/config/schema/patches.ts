import * as z from 'zod';

/** JSON Pointer (RFC 6901). */
const pointer = z.string().regex(/^(\/([^~/]|~[01])*)*$/, {
  error: (issue) => `'${issue.input}' is not a JSON pointer: write it like /spec/replicas`,
});

const operation = z
  .strictObject({
    op: z.enum(['add', 'replace', 'remove', 'test']).describe('Operation of RFC 6902.'),
    path: pointer.describe('Where, as a JSON pointer; `-` is the end of a list.'),
    value: z.json().exactOptional().describe('What, for all operations but `remove`.'),
  })
  .describe('One change.');

export const patch = z
  .strictObject({
    kind: z.string().min(1).describe('Kind of the object.'),
    name: z.string().min(1).describe('Name of the object.'),
    namespace: z
      .string()
      .min(1)
      .exactOptional()
      .describe('Namespace, if kind and name match several objects.'),
    operations: z.array(operation).min(1).describe('Changes, applied in order (JSON Patch, RFC 6902).'),
  })
  .describe('Changes one object of the manifests.');
