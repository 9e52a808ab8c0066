import { loadAll } from 'js-yaml';
import type { AppliedObject } from '../kubectl/applied-objects';
import { objectText } from '../kubectl/objects';
import type { FileTree } from '../output/file-tree';

/** A field of an object that differs. Undefined: it is not there. */
export interface FieldChange {
  /** `spec.addresses[0]`, `spec.template.spec.containers[speaker].image`. */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

export interface ChangedObject extends AppliedObject {
  /** Its own kind. */
  readonly kind: string;
  /** What differs, of one that is `configured`. */
  readonly fields: readonly FieldChange[];
}

interface RawObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** Objects of `dist` that an apply creates, changes and deletes, in the order of their files. */
export function comparedObjects(before: FileTree, after: FileTree): ChangedObject[] {
  // Most files are the same, and need not be read.
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  const differing = paths.filter((path) => before.get(path) !== after.get(path));
  const [old, now] = [before, after].map((tree) => objectsIn(differing.map((path) => tree.get(path) ?? '')));
  const names = [...new Set([...(now?.keys() ?? []), ...(old?.keys() ?? [])])];
  return names.flatMap((object): ChangedObject[] => {
    const [was, is] = [old?.get(object), now?.get(object)];
    if (!was) return is ? [{ object, kind: is.kind, change: 'created', fields: [] }] : [];
    if (!is) return [{ object, kind: was.kind, change: 'pruned', fields: [] }];
    const fields = changedFields(was, is, '');
    return fields.length > 0 ? [{ object, kind: is.kind, change: 'configured', fields }] : [];
  });
}

function objectsIn(texts: readonly string[]): Map<string, RawObject> {
  const objects = texts.flatMap((text) => loadAll(text) as (RawObject | null)[]);
  return new Map(
    objects.flatMap((object) =>
      object ? [[objectText({ ...object.metadata, kind: object.kind }), object]] : [],
    ),
  );
}

function changedFields(before: unknown, after: unknown, path: string): FieldChange[] {
  if (isMap(before) && isMap(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) =>
      changedFields(before[key], after[key], path === '' ? key : `${path}.${key}`),
    );
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const [old, now] = [byName(before), byName(after)];
    if (old && now) {
      const names = [...new Set([...old.keys(), ...now.keys()])];
      return names.flatMap((name) => changedFields(old.get(name), now.get(name), `${path}[${name}]`));
    }
    if (before.every(isScalar) && after.every(isScalar)) {
      const [gone, added] = [
        before.filter((item) => !after.includes(item)),
        after.filter((item) => !before.includes(item)),
      ];
      if (gone.length + added.length > 0)
        return [
          ...gone.map((item) => ({ path, before: item })),
          ...added.map((item) => ({ path, after: item })),
        ];
    }
  }
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [{ path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isScalar(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

/** Containers, volumes, ports: a list whose items have names of their own. */
function byName(list: readonly unknown[]): Map<string, unknown> | undefined {
  const named = new Map(
    list.flatMap((item) => (isMap(item) && typeof item.name === 'string' ? [[item.name, item]] : [])),
  );
  return named.size === list.length ? named : undefined;
}
