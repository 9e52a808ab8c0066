import { dirname, isAbsolute, join } from 'node:path';
import { type Alias, type Node, YAMLSeq } from 'yaml';
import type { ClusterFile } from '../config';
import type { Draft } from '../draft';
import { expand } from '../expand';
import type { Issue } from '../issue';
import { parseAll } from '../parse';
import type { Path } from '../path';
import type { Place } from '../place';
import { Positions } from '../positions';
import { quote } from '../quote';
import { type ReadBytes, readSource } from '../read';
import { known } from '../rules/known';
import type { Sources } from '../sources';

/** A value that should be a Kubernetes object, and where it is. */
export interface WrittenObject {
  readonly value: unknown;
  readonly place: Place;
}

/** What `manifests` of cluster.yaml holds and names. */
export interface WrittenObjects {
  readonly objects: readonly WrittenObject[];
  readonly issues: readonly Issue[];
}

export interface ReadObjectsOptions {
  /** What the paths of files are relative to. */
  readonly folder: string;
  /** Of cluster.yaml in issues. */
  readonly name: string;
  readonly sources: Sources;
  /** Undefined: from the disk. */
  readonly read: ReadBytes | undefined;
}

/** Reads the files that cluster.yaml names. Lists are taken apart. */
export function readObjects(
  manifests: Draft<ClusterFile['manifests']> | undefined,
  { folder, name, sources, read }: ReadObjectsOptions,
): WrittenObjects {
  const found = known(manifests).map(([index, entry]): WrittenObjects => {
    const path = ['manifests', index];
    if (typeof entry !== 'string') return { objects: itemsOf(entry, { path }), issues: [] };
    const shown = isAbsolute(entry) ? entry : join(dirname(name), entry);
    return readFile(isAbsolute(entry) ? entry : join(folder, entry), shown, { path, entry, sources, read });
  });
  return { objects: found.flatMap(({ objects }) => objects), issues: found.flatMap(({ issues }) => issues) };
}

function readFile(
  file: string,
  shown: string,
  {
    path,
    entry,
    sources,
    read,
  }: Pick<ReadObjectsOptions, 'sources' | 'read'> & { path: Path; entry: string },
): WrittenObjects {
  const here = (code: string, message: string) => ({
    objects: [],
    issues: [sources.issue({ path }, { code, message })],
  });
  if (/^https?:\/\//.test(entry))
    return here('no-file', `${quote(entry)} is not downloaded: save the file beside this one, and name it`);
  const { text, problem } = readSource(
    file,
    {
      missing: `there is no file ${quote(entry)}: paths are relative to this file`,
      directory: `${quote(entry)} is a directory: name the files in it`,
      tooLarge: `${quote(entry)} is larger than 1 MB: divide it, or leave out what the cluster does not need`,
    },
    read,
  );
  if (problem?.code === 'no-file' || problem?.code === 'too-large')
    return here(problem.code, problem.message);
  const positions = new Positions(shown, text);
  sources.add(positions);
  if (problem) return { objects: [], issues: [positions.issueAt(problem.span, problem)] };

  const { documents, complaints } = parseAll(text);
  const aliases = new Map<Alias, Node>();
  const issues = complaints.map(([span, complaint]) => positions.issueAt(span, complaint));
  const objects = documents.flatMap((contents, index) => {
    const expansion = expand(contents);
    for (const [alias, node] of expansion.aliases) aliases.set(alias, node);
    for (const [span, complaint, other] of expansion.complaints) {
      const hint = other && { hint: positions.otherLine(other) };
      issues.push(positions.issueAt(span, { ...complaint, ...hint }));
    }
    return itemsOf(expansion.value, { file: shown, path: [index] });
  });
  positions.attach(listOf(documents), aliases);
  if (issues.length === 0 && objects.length === 0)
    return here('empty', `${quote(entry)} has no object in it: delete this line`);
  return { objects: issues.length === 0 ? objects : [], issues };
}

/** As if all documents were one list, so that a path leads into each. */
function listOf(documents: readonly Node[]): Node {
  const list = new YAMLSeq<Node>();
  list.items.push(...documents);
  return list;
}

/** A `List` stands for the objects in it, as `kubectl get` prints them. */
function itemsOf(value: unknown, place: Place): WrittenObject[] {
  const { kind, items } = (value ?? {}) as { readonly kind?: unknown; readonly items?: unknown };
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items)) return [{ value, place }];
  return items.flatMap((item, index) => itemsOf(item, { ...place, path: [...place.path, 'items', index] }));
}
