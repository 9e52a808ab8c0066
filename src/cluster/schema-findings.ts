import type { KubernetesSchemas, SchemaFinding } from '../kubernetes/schemas';
import { authorOf, type DistObject } from './dist-object';

/** What the API server would refuse of an object, and where the user wrote it. */
export interface AuthoredFinding {
  readonly object: DistObject;
  readonly finding: SchemaFinding;
  /** Undefined when only a chart did. */
  readonly author: ReturnType<typeof authorOf>;
}

export function schemaFindings(
  objects: readonly DistObject[],
  schemas: KubernetesSchemas,
): AuthoredFinding[] {
  return objects.flatMap((object) =>
    schemas.check(object.manifest).map((finding) => ({
      object,
      finding,
      author: authorOf(object, finding.path, finding.code === 'unknown-field' ? 'key' : 'value'),
    })),
  );
}
