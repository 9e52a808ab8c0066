import type { Manifest } from '../config/objects/manifest';
import type { Path } from '../config/path';
import type { Place } from '../config/place';
import type { ManifestProblem } from '../manifest-problems';

/** An object of `dist`, and what of it the user wrote. */
export interface DistObject {
  /** Name below `dist/`. */
  readonly file: string;
  readonly manifest: Manifest;
  /** Where it was written. @default - it is made by this tool */
  readonly place?: Place;
  /** What patches did to it, in their order. */
  readonly changes: readonly Change[];
}

/** One operation of a patch that was applied. */
export interface Change {
  /** What it changed in the object. */
  readonly at: Path;
  /** The operation in cluster.yaml. */
  readonly operation: Path;
}

/**
 * Who is to blame for what an object says at a path; undefined when only this tool is.
 *
 * @param about the key at the path, or its value
 */
export function authorOf(
  { place, changes }: DistObject,
  path: Path,
  about: 'key' | 'value' = 'value',
): Pick<ManifestProblem, 'place' | 'target'> | undefined {
  const change = changes.findLast(({ at }) => startsWith(path, at) || startsWith(at, path));
  const target = about === 'key' && { target: about };
  if (!change) return place && { place: { ...place, path: [...place.path, ...path] }, ...target };
  const { at, operation } = change;
  // What the operation itself names, or what was there around it.
  const named = path.length < at.length || (path.length === at.length && about === 'key');
  if (named) return { place: { path: [...operation, 'path'] } };
  return { place: { path: [...operation, 'value', ...path.slice(at.length)] }, ...target };
}

function startsWith(path: Path, beginning: Path): boolean {
  return beginning.every((step, index) => String(step) === String(path[index]));
}
