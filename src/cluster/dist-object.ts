import type { Path } from '../config/path';
import type { Place } from '../config/place';

/** An object as kubectl reads it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

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

/** Who is to blame for what an object says at a path; undefined when only this tool is. */
export function authorOf(
  { place, changes }: DistObject,
  path: Path,
): { readonly place: Place; readonly target?: 'key' } | undefined {
  const change = changes.findLast(({ at }) => startsWith(path, at) || startsWith(at, path));
  if (!change) return place && { place: { ...place, path: [...place.path, ...path] } };
  const { at, operation } = change;
  // What the operation itself names, or what was there around it.
  if (path.length <= at.length)
    return { place: { path: [...operation, path.length < at.length ? 'path' : 'value'] } };
  return { place: { path: [...operation, 'value', ...path.slice(at.length)] } };
}

function startsWith(path: Path, beginning: Path): boolean {
  return beginning.every((step, index) => String(step) === String(path[index]));
}
