import { isMap } from '../is-map';
import type { Issue } from '../issue';
import { homes } from '../misplaced';
import type { Path } from '../path';
import type { Place } from '../place';
import { quote } from '../quote';
import { changedNumber, leaves, notQuiteText } from '../rules/scalars';
import { dnsLabel, dnsSubdomain } from '../schema/primitives';
import type { Sources } from '../sources';
import type { GivenObject } from './given-object';
import { groupOf, identityOf, type Manifest } from './manifest';
import type { WrittenObject } from './read-objects';

/** A problem of an object; its path is one in the object. */
interface ObjectFinding {
  readonly path: Path;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly severity?: 'warning';
  readonly target?: 'key';
}

/** `kubectl apply` keeps a copy of the object in an annotation, and all annotations may have so many bytes. */
const maxBytes = 262_144;

/**
 * Objects that kubectl can apply, and what keeps the others from it.
 *
 * @param withMetallb whether cluster.yaml describes MetalLB itself
 */
export function checkObjects(
  written: readonly WrittenObject[],
  sources: Sources,
  withMetallb: boolean,
): { readonly objects: readonly GivenObject[]; readonly issues: readonly Issue[] } {
  const issues: Issue[] = [];
  const objects = written.flatMap(({ value, place }): GivenObject[] => {
    const at = (path: Path): Place => ({ ...place, path: [...place.path, ...path] });
    const plain = (path: Path) => sources.plain(at(path));
    const findings = [...formFindings(value)];
    if (findings.length === 0) findings.push(...contentFindings(value as Manifest, withMetallb));
    findings.push(...scalarFindings(value, plain, place.file !== undefined));
    for (const { path, target, ...complaint } of findings)
      issues.push(sources.issue(at(path), complaint, target));
    return findings.some(({ severity }) => severity === undefined)
      ? []
      : [{ manifest: value as Manifest, place }];
  });
  return { objects, issues: [...issues, ...duplicates(objects, sources)] };
}

const version = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?v\d+((alpha|beta)\d+)?$/;

/** Whether it is an object at all: what everything else here relies on. */
function* formFindings(value: unknown): Iterable<ObjectFinding> {
  if (!isMap(value)) {
    yield { path: [], code: 'no-object', message: 'this is not a Kubernetes object, which is a mapping' };
    return;
  }
  for (const key of ['apiVersion', 'kind'])
    if (typeof value[key] !== 'string')
      yield key in value
        ? { path: [key], code: 'wrong-type', message: `${quote(key)} of an object is text` }
        : {
            path: [key],
            code: 'missing-key',
            message: `the key ${quote(key)} is missing: an object has 'apiVersion', 'kind' and 'metadata'`,
          };
  const { apiVersion, kind, metadata } = value;
  if (typeof apiVersion === 'string' && !version.test(apiVersion))
    yield {
      path: ['apiVersion'],
      code: 'invalid-value',
      message: `${quote(apiVersion)} is not a version of an API: write it like v1 or apps/v1`,
    };
  if (kind === 'Kustomization' && String(apiVersion).startsWith('kustomize.config')) {
    yield {
      path: ['kind'],
      code: 'other-tool',
      message: "this is for kustomize: write what 'kubectl kustomize' makes of it to a file, and name that",
    };
    return;
  }
  if (isMap(metadata)) yield* metadataFindings(metadata, kind, String(apiVersion));
  else
    yield 'metadata' in value
      ? { path: ['metadata'], code: 'wrong-type', message: "'metadata' is a mapping" }
      : {
          path: ['metadata'],
          code: 'missing-key',
          message: "the key 'metadata' is missing, and in it the name of the object",
        };
}

function* metadataFindings(
  metadata: Readonly<Record<string, unknown>>,
  kind: unknown,
  apiVersion: string,
): Iterable<ObjectFinding> {
  const { name, namespace } = metadata;
  const path = ['metadata', 'name'];
  if (name === undefined)
    yield {
      path,
      code: 'missing-key',
      message:
        'generateName' in metadata
          ? "the key 'name' is missing: an object with 'generateName' would be another one at every apply"
          : "the key 'name' is missing in 'metadata'",
    };
  // Roles are called as they like.
  else if (
    typeof name !== 'string' ||
    !(groupOf({ apiVersion }).startsWith('rbac.')
      ? /^(?!\.\.?$)[^/%]+$/.test(name)
      : dnsSubdomain.safeParse(name).success) ||
    (kind === 'Namespace' && !dnsLabel.safeParse(name).success)
  )
    yield {
      path,
      code: 'invalid-value',
      message: `${quote(String(name))} is not a name of an object: use lower case letters, digits, '-' and '.', a letter or digit first and last`,
    };
  if (namespace !== undefined && !dnsLabel.safeParse(namespace).success)
    yield {
      path: ['metadata', 'namespace'],
      code: 'invalid-value',
      message: `${quote(String(namespace))} is not the name of a namespace`,
    };
  for (const field of ['labels', 'annotations']) {
    const map = metadata[field] ?? {};
    if (!isMap(map)) {
      yield { path: ['metadata', field], code: 'wrong-type', message: `${quote(field)} is a mapping` };
      continue;
    }
    for (const [key, value] of Object.entries(map))
      if (typeof value !== 'string')
        yield {
          path: ['metadata', field, key],
          code: 'wrong-type',
          message: `a value of ${quote(field)} is text: put it in quotes, "${String(value)}"`,
        };
  }
  yield* copiedFindings(metadata);
}

/** What only a cluster writes: with it, an apply is refused or changes another object than it seems. */
function* copiedFindings({ uid, resourceVersion, labels }: Readonly<Record<string, unknown>>) {
  const copied = 'is what a cluster has written into this object: delete it';
  for (const [field, value] of Object.entries({ uid, resourceVersion }))
    if (value !== undefined)
      yield {
        path: ['metadata', field],
        target: 'key',
        code: 'of-a-cluster',
        message: `${quote(field)} ${copied}`,
      } as const;
  for (const key of Object.keys(isMap(labels) ? labels : {}))
    if (key.startsWith('applyset.kubernetes.io/'))
      yield {
        path: ['metadata', 'labels', key],
        target: 'key',
        code: 'of-a-cluster',
        message: `${quote(key)} ${copied}`,
      } as const;
}

function* contentFindings(manifest: Manifest, withMetallb: boolean): Iterable<ObjectFinding> {
  const { kind, metadata, apiVersion } = manifest;
  const home = withMetallb && groupOf(manifest) === 'metallb.io' && homes[kind];
  if (home)
    yield {
      path: ['kind'],
      code: 'other-place',
      message: `what this ${kind} says is ${quote(home)} in cluster.yaml, where it is checked against everything else: move it there`,
    };
  if (kind === 'Secret' && apiVersion === 'v1')
    for (const field of ['data', 'stringData']) {
      const values = manifest[field];
      if (!isMap(values) || Object.values(values).every((value) => value === '' || value === null)) continue;
      yield {
        path: [field],
        target: 'key',
        code: 'secret',
        message: `the Secret ${quote(metadata.name)} would stand in 'dist', which is made for git, and this file is no place for it either: make it with 'kubectl create secret', and name it here where it is used`,
      };
    }
  if (kind === 'CustomResourceDefinition') yield* definitionFindings(manifest);
  else if (Buffer.byteLength(JSON.stringify(manifest)) > maxBytes - 2048)
    yield {
      path: [],
      code: 'too-large',
      message: `the ${kind} ${quote(metadata.name)} is larger than the 256 KB that 'kubectl apply' can keep track of: divide it`,
    };
}

function* definitionFindings({ spec }: Manifest): Iterable<ObjectFinding> {
  const { group, names, scope } = (isMap(spec) ? spec : {}) as Readonly<Record<string, unknown>>;
  const known = typeof group === 'string' && isMap(names) && typeof names.kind === 'string';
  if (known && (scope === 'Cluster' || scope === 'Namespaced')) return;
  yield {
    path: ['spec'],
    code: 'invalid-value',
    message: "a CustomResourceDefinition says its 'group', 'names.kind' and 'scope', Cluster or Namespaced",
  };
}

/**
 * Scalars that the readers of YAML 1.1 in Kubernetes take otherwise.
 *
 * @param numbers whether numbers have to be looked at: rules look at all of cluster.yaml
 */
function* scalarFindings(
  value: unknown,
  plain: (path: Path) => string | undefined,
  numbers: boolean,
): Iterable<ObjectFinding> {
  for (const [path, leaf] of leaves(value, [])) {
    const text = typeof leaf === 'boolean' ? undefined : plain(path);
    if (text === undefined) continue;
    const finding = typeof leaf === 'string' ? notQuiteText(leaf) : undefined;
    if (finding) yield { path, code: 'plain-text', ...finding };
    if (typeof leaf !== 'number') continue;
    const changed = numbers ? changedNumber(text, leaf) : undefined;
    if (!Number.isFinite(leaf))
      yield {
        path,
        code: 'number-as-written',
        message: `${quote(text)} is not a number that JSON has, and Kubernetes refuses it: write another one`,
      };
    else if (changed !== undefined) yield { path, code: 'number-as-written', message: changed };
  }
}

function* duplicates(objects: readonly GivenObject[], sources: Sources): Iterable<Issue> {
  const first = new Map<string, GivenObject>();
  for (const object of objects) {
    const id = identityOf(object.manifest);
    const other = first.get(id);
    if (!other) {
      first.set(id, object);
      continue;
    }
    const { kind, metadata } = object.manifest;
    const place = { ...object.place, path: [...object.place.path, 'metadata', 'name'] };
    const complaint = {
      code: 'same-object',
      message: `the ${kind} ${quote(metadata.name)} is here a second time: delete one`,
    };
    yield sources.issue(place, complaint, 'value', other.place);
  }
}
