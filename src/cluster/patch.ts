import { isDeepStrictEqual } from 'node:util';
import { JsonPatch } from 'cdk8s';
import type { Manifest } from '../config/objects/manifest';
import type { Path } from '../config/path';
import { quote, quoteAll } from '../config/quote';
import { didYouMean } from '../config/suggest';
import type { ManifestProblem } from '../manifest-problems';
import type { Topology } from '../model/topology';
import type { Change, DistObject } from './dist-object';
import { withClosedValues, withOpenValues } from './helm/values-content';
import { type Followed, follow, pointerOf, stepsOf } from './json-pointer';

type Patch = Topology['patches'][number];
type Operation = Patch['operations'][number];

/** How many keys of a mapping are listed at most. */
const shown = 8;

/** The objects after the patches of cluster.yaml, and what is wrong with patches that cannot be applied. */
export interface PatchedObjects {
  readonly objects: readonly DistObject[];
  readonly problems: readonly ManifestProblem[];
}

export function patchObjects(objects: readonly DistObject[], patches: readonly Patch[]): PatchedObjects {
  const result = [...objects];
  const problems: ManifestProblem[] = [];
  for (const [index, patch] of patches.entries()) {
    const path = ['patches', index];
    const found = find(result, patch, path);
    const patched = 'problem' in found ? found : apply(found.object, patch, path);
    if ('problem' in patched) problems.push(patched.problem);
    else if ('object' in found) result[result.indexOf(found.object)] = patched.object;
  }
  return { objects: result, problems };
}

type Found = { readonly object: DistObject } | { readonly problem: ManifestProblem };

/** The one object that a patch names. */
function find(objects: readonly DistObject[], patch: Patch, path: Path): Found {
  const { kind, name, namespace } = patch;
  const ofName = (each: DistObject) => each.manifest.metadata.name === name;
  const ofKind = objects.filter(({ manifest }) => manifest.kind === kind);
  const named = ofKind.filter(ofName);
  const matching = named.filter(
    ({ manifest }) => namespace === undefined || manifest.metadata.namespace === namespace,
  );
  const [object] = matching;
  if (object && matching.length === 1) return { object };
  const problem = (key: keyof Patch, message: string, hint?: string): Found => ({
    problem: {
      code: 'patch-object',
      place: { path: [...path, key] },
      message,
      ...(hint !== undefined && { hint }),
    },
  });
  const what = `${kind} ${quote(name)}`;
  const spaces = named.map(({ manifest }) => manifest.metadata.namespace ?? '');
  if (matching.length > 1)
    return problem(
      'name',
      `there is more than one ${what}: add 'namespace', one of ${quoteAll(spaces, 'and')}`,
    );
  if (named.length > 0) {
    const others = spaces.filter((other) => other !== '');
    const where = others.length > 0 ? `in ${quoteAll(others, 'and')}` : 'in no namespace: delete this line';
    return problem('namespace', `${what} is not in the namespace ${quote(namespace ?? '')}, but ${where}`);
  }
  const kinds = objects.filter(ofName).map(({ manifest }) => manifest.kind);
  if (kinds.length > 0)
    return problem(
      'kind',
      `there is no ${what} in the manifests`,
      `there is a ${kinds.join(' and a ')} of this name`,
    );
  if (ofKind.length === 0) {
    const all = [...new Set(objects.map(({ manifest }) => manifest.kind))];
    const { hint } = didYouMean(kind, all);
    return problem(
      'kind',
      `there is no ${kind} in the manifests: take kind and name from a file in dist`,
      hint,
    );
  }
  const names = [...new Set(ofKind.map(({ manifest }) => manifest.metadata.name))];
  const hint =
    didYouMean(name, names).hint ??
    (names.length <= shown ? `objects of this kind: ${names.join(', ')}` : undefined);
  return problem(
    'name',
    `there is no ${what} in the manifests: take kind and name from a file in dist`,
    hint,
  );
}

/** All operations of a patch, or what is wrong with the first that cannot be done. */
function apply(object: DistObject, patch: Patch, path: Path): Found {
  let manifest = withOpenValues(object.manifest);
  const changes: Change[] = [];
  for (const [index, operation] of patch.operations.entries()) {
    const at = [...path, 'operations', index];
    const steps = stepsOf(operation.path);
    const problem = obstacle(manifest, operation, steps, `${patch.kind} ${quote(patch.name)}`);
    if (problem) {
      const { key, ...rest } = problem;
      return { problem: { code: 'patch-operation', place: { path: [...at, key] }, ...rest } };
    }
    if (operation.op !== 'test') changes.push({ at: pathOf(manifest, steps), operation: at });
    manifest = changed(manifest, operation);
  }
  return {
    object: {
      ...object,
      manifest: withClosedValues(manifest),
      changes: [...object.changes, ...changes],
    },
  };
}

function changed(manifest: Manifest, { op, path, value }: Operation): Manifest {
  return JsonPatch.apply(manifest, op === 'remove' ? JsonPatch.remove(path) : JsonPatch[op](path, value));
}

/** Steps with the numbers of list items as numbers, and of the one that is added last. */
function pathOf(manifest: Manifest, steps: readonly string[]): Path {
  return steps.map((step, depth) => {
    const followed = follow(manifest, steps.slice(0, depth));
    const list = followed.found && Array.isArray(followed.value) ? followed.value : undefined;
    if (!list) return step;
    return step === '-' ? list.length : Number(step);
  });
}

type Obstacle = Pick<ManifestProblem, 'message' | 'hint'> & { readonly key: 'op' | 'path' | 'value' };

/** Why an operation cannot be done: cdk8s takes some of these for nothing to do. */
function obstacle(
  manifest: Manifest,
  { op, path, value }: Operation,
  steps: readonly string[],
  what: string,
): Obstacle | undefined {
  if (op !== 'test' && ['', '/apiVersion', '/kind', '/metadata', '/metadata/name'].includes(path))
    return {
      key: 'path',
      message: `${quote(path)} of ${what} stays: another object is one of 'manifests'`,
    };
  const last = steps.at(-1) ?? '';
  const parent = follow(manifest, steps.slice(0, -1));
  if (!parent.found) return missing(parent, what);
  const target = follow(manifest, steps);
  if (op === 'add') {
    if (Array.isArray(parent.value)) {
      const fits = last === '-' || (/^(0|[1-9]\d*)$/.test(last) && Number(last) <= parent.value.length);
      return fits ? undefined : missing(target, what);
    }
    if (typeof parent.value === 'object' && parent.value !== null) return undefined;
  }
  if (!target.found) return missing(target, what);
  if (op !== 'test' || isDeepStrictEqual(target.value, value)) return undefined;
  return {
    key: 'value',
    message: `${quote(path)} of ${what} is ${inWords(target.value)}, so the test fails and nothing is changed`,
  };
}

function missing(followed: Followed, what: string): Obstacle | undefined {
  if (followed.found) return undefined;
  const { around, until, missing: step } = followed;
  const pointer = `${until}${pointerOf([step])}`;
  const whole = until === '' ? what : `${quote(until)} of ${what}`;
  if (Array.isArray(around)) {
    const items =
      around.length === 0 ? 'is an empty list' : `is a list of ${around.length}, 0 to ${around.length - 1}`;
    return { key: 'path', message: `${whole} ${items}: it has no ${quote(step)}` };
  }
  if (typeof around !== 'object' || around === null)
    return { key: 'path', message: `${whole} is ${inWords(around)}, and has nothing in it` };
  const keys = Object.keys(around);
  const { hint } = didYouMean(step, keys);
  const list = keys.length > 0 && keys.length <= shown ? `it has ${keys.join(', ')}` : undefined;
  const help = hint ?? list;
  return {
    key: 'path',
    message: `${what} has no ${quote(pointer)}: look at its file in dist`,
    ...(help !== undefined && { hint: help }),
  };
}

function inWords(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'a mapping' : quote(String(value));
}
