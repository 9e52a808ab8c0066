import { JsonPatch } from 'cdk8s';
import type { Topology } from '../model/topology';
import { UserError } from '../user-error';

type Patch = Topology['patches'][number];
type Operation = Patch['operations'][number];

/** An object as kubectl reads it. */
export interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/**
 * Applies the patches of cluster.yaml to the finished objects.
 *
 * @throws UserError for a patch that fits no object, several, or cannot be applied.
 */
export function patchManifests(manifests: readonly Manifest[], patches: readonly Patch[]): Manifest[] {
  const result = [...manifests];
  patches.forEach((patch, index) => {
    const what = `patches[${index}]: ${patch.kind} '${patch.name}'`;
    const matching = result.filter((manifest) => fits(manifest, patch));
    const [manifest] = matching;
    if (!manifest)
      throw new UserError(`${what} is not in the manifests: take kind and name from a file in dist`);
    if (matching.length > 1) throw new UserError(`${what} is there more than once: add its namespace`);
    try {
      result[result.indexOf(manifest)] = patch.operations.reduce(applyOperation, manifest);
    } catch (error) {
      if (error instanceof MissingPath)
        throw new UserError(`${what} has no '${error.path}': look at its file in dist`);
      throw new UserError(`${what} cannot be changed so: look at its file in dist`);
    }
  });
  return result;
}

function fits({ kind, metadata }: Manifest, patch: Patch): boolean {
  return (
    kind === patch.kind &&
    metadata.name === patch.name &&
    (patch.namespace === undefined || metadata.namespace === patch.namespace)
  );
}

class MissingPath extends Error {
  constructor(readonly path: string) {
    super(path);
  }
}

/** cdk8s leaves out the check of RFC 6902 that what is replaced or removed is there: a typo would do nothing. */
function applyOperation(manifest: Manifest, { op, path, value }: Operation): Manifest {
  if (op !== 'add' && !exists(manifest, path)) throw new MissingPath(path);
  const operation = op === 'remove' ? JsonPatch.remove(path) : JsonPatch[op](path, value);
  return JsonPatch.apply(manifest, operation);
}

function exists(value: unknown, pointer: string): boolean {
  let current = value;
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return false;
    current = (current as Record<string, unknown>)[key];
  }
  return true;
}
