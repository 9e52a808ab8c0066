import { parseAllDocuments } from 'yaml';
import { flatten } from './flatten';
import { type KnownDifference, knownDifferences } from './known-differences';

/** An object as far as it is compared. */
export interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

/** One thing in which a release and this tool are not the same. */
export interface Difference {
  /** `Deployment/controller` */
  readonly object: string;
  /** `/spec/replicas`; empty for an object that only one side has. */
  readonly path: string;
  readonly release?: string;
  readonly here?: string;
}

export interface Comparison {
  /** What docs/reference/metallb.md does not say. */
  readonly unknown: readonly Difference[];
  /** What it says, with how often it was found. */
  readonly known: ReadonlyMap<KnownDifference, number>;
}

/** Who speaks BGP in manifests of a release. */
export function backendOf(text: string): string {
  return /METALLB_BGP_TYPE\s+value: (\S+)/.exec(text)?.[1] ?? 'native';
}

export function manifestsOf(text: string): Manifest[] {
  return parseAllDocuments(text, { version: '1.1' }).flatMap((document) => document.toJS() ?? []);
}

/** The release of FRR-K8s that a file has in it, which is a chart of its own here. */
export function frrK8sOf(text: string): string | undefined {
  return /image: \S+\/frr-k8s:v(\S+)/.exec(text)?.[1];
}

/** Compares manifests field by field, but for what people read. */
export function compare(release: readonly Manifest[], here: readonly Manifest[]): Comparison {
  const known = new Map<KnownDifference, number>(knownDifferences.map((each) => [each, 0]));
  const sides = [linesOf(release), linesOf(here)] as const;
  const unknown = [...differences(...sides)].filter((difference) => {
    const line = lineOf(difference);
    const reason = knownDifferences.find(({ lines }) => lines.some((pattern) => pattern.test(line)));
    if (reason) known.set(reason, (known.get(reason) ?? 0) + 1);
    return !reason;
  });
  return { unknown: [...gathered(unknown, ...sides)], known };
}

/** The lines of every object, by kind and name. */
type Side = ReadonlyMap<string, ReadonlyMap<string, string>>;

function linesOf(manifests: readonly Manifest[]): Side {
  return new Map(
    manifests.map((manifest) => [`${manifest.kind}/${manifest.metadata.name}`, flatten(manifest)]),
  );
}

/** As it is printed, and as the patterns of known differences see it. */
export function lineOf({ object, path, release = '-', here = '-' }: Difference): string {
  return `${object} ${path}: ${release} -> ${here}`.replace(/\s+/g, ' ');
}

function* differences(release: Side, here: Side): Iterable<Difference> {
  for (const object of new Set([...release.keys(), ...here.keys()])) {
    const [one, other] = [release.get(object), here.get(object)];
    if (!one) yield { object, path: '', here: there };
    else if (!other) yield { object, path: '', release: there };
    else {
      for (const path of new Set([...one.keys(), ...other.keys()])) {
        const [theirs, ours] = [one.get(path), other.get(path)];
        if (theirs === ours) continue;
        yield {
          object,
          path,
          ...(theirs !== undefined && { release: theirs }),
          ...(ours !== undefined && { here: ours }),
        };
      }
    }
  }
}

const there = 'there';

/** A mapping that one side does not have at all is one difference, not one for each line in it. */
function* gathered(found: readonly Difference[], release: Side, here: Side): Iterable<Difference> {
  const seen = new Set<string>();
  for (const difference of found) {
    const { object, path, release: theirs, here: ours } = difference;
    if (theirs !== undefined && ours !== undefined) {
      yield difference;
      continue;
    }
    const top = topMissing(path, (theirs === undefined ? release : here).get(object));
    if (seen.has(`${object} ${top}`)) continue;
    seen.add(`${object} ${top}`);
    const value = top === path ? (theirs ?? ours ?? '') : there;
    yield { object, path: top, ...(theirs === undefined ? { here: value } : { release: value }) };
  }
}

/** The highest path above one below which nothing stands. */
function topMissing(path: string, other: ReadonlyMap<string, string> = new Map()): string {
  const parts = path.split('/');
  for (let length = 2; length < parts.length; length++) {
    const above = parts.slice(0, length).join('/');
    if (![...other.keys()].some((each) => each === above || each.startsWith(`${above}/`))) return above;
  }
  return path;
}
