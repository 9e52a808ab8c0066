import { hostImages, pinnedImages } from '../config/pinned-images';
import { chartVersions, k3sVersion } from '../config/pinned-releases';
import type { Images } from './images';
import { componentImages } from './pod-images';
import type { Topology } from './topology';

/** A component, as this tool knows it and as a cluster has it. */
export interface Version {
  readonly name: string;
  /** What this tool was built and tested with: a version or an image. Undefined: none. */
  readonly pinned?: string;
  /** What this cluster uses: a version, or an image as hosts and pods refer to it. Undefined: it has none. */
  readonly used?: string;
  /** The cluster's beside this tool's; `other` for another image. */
  readonly state: 'same' | 'older' | 'newer' | 'other' | 'unused';
  /**
   * What pins its content: a digest, a release, or a tag, which may be moved; `floating` for a tag that is
   * meant to move.
   */
  readonly fixedBy: 'digest' | 'release' | 'tag' | 'floating';
}

/** How many numbers the tag of one release has: 17.6 of Postgres, 3.5.21 of etcd. */
const releaseNumbers = { postgres: 2, etcd: 3, patroni: 2 } as const;

/** Everything with a version. Knows what is pinned here and in cluster.yaml, and asks no registry. */
export function versions(topology: Topology): Version[] {
  const { k3s, charts, database, images } = topology;
  const used = componentImages(topology);
  const { cluster } = database;
  return [
    release('k3s', k3sVersion, k3s.version),
    hostImage('postgres', hostImages.postgres, database.external ? undefined : database.image),
    ...(cluster && !cluster.built ? [hostImage('patroni', undefined, cluster.image)] : []),
    hostImage('etcd', hostImages.etcd, cluster?.etcd.image),
    ...Object.entries(chartVersions).map(([name, version]) =>
      release(`chart ${name}`, version, charts[name as keyof typeof chartVersions]?.version),
    ),
    ...Object.entries(pinnedImages).map(([name, image]) => {
      const own = images[name as keyof Images];
      return manifestImage(image, used.has(name as keyof Images) ? own : undefined);
    }),
  ];
}

function release(name: string, pinned: string, used: string | undefined): Version {
  const state = used === undefined ? 'unused' : compared(pinned, used);
  return { name, pinned, ...(used !== undefined && { used }), state, fixedBy: 'release' };
}

/** Images of the manifests: this tool sets their tags. */
function manifestImage(pinned: string, used: string | undefined): Version {
  const name = partsOf(pinned).repository.replace(/^[^/]*\//, '');
  if (used === undefined) return { name, pinned, state: 'unused', fixedBy: 'tag' };
  return { name, pinned, used, state: 'same', fixedBy: used.includes('@') ? 'digest' : 'tag' };
}

function hostImage(
  name: keyof typeof releaseNumbers,
  pinned: string | undefined,
  used: string | undefined,
): Version {
  const base = { name, ...(pinned !== undefined && { pinned }) };
  if (used === undefined) return { ...base, state: 'unused', fixedBy: 'tag' };
  return {
    ...base,
    used,
    state: imageState(pinned, used),
    fixedBy: imageFixedBy(used, releaseNumbers[name]),
  };
}

function imageState(pinned: string | undefined, used: string): Version['state'] {
  if (pinned === undefined) return 'other';
  const [own, theirs] = [partsOf(pinned), partsOf(used)];
  if (own.repository !== theirs.repository || theirs.tag === '') return 'other';
  return compared(own.tag, theirs.tag);
}

function imageFixedBy(image: string, numbers: number): Version['fixedBy'] {
  if (image.includes('@')) return 'digest';
  const [version = ''] = /\d+(\.\d+)*/.exec(partsOf(image).tag) ?? [];
  return version.split('.').length < numbers ? 'floating' : 'tag';
}

function partsOf(image: string) {
  const [name = ''] = image.split('@');
  const colon = name.indexOf(':', name.lastIndexOf('/') + 1);
  return colon < 0
    ? { repository: name, tag: '' }
    : { repository: name.slice(0, colon), tag: name.slice(colon + 1) };
}

/** Compared by the numbers that both have: `17` and `17.6` are the same. */
function compared(pinned: string, used: string): 'same' | 'older' | 'newer' {
  const [own, theirs] = [numbersOf(pinned), numbersOf(used)];
  for (const [index, number] of own.entries()) {
    const other = theirs[index] ?? number;
    if (other !== number) return other < number ? 'older' : 'newer';
  }
  return 'same';
}

/** `v1.36.2+k3s1` has 1, 36, 2 and 1; of `17.6-alpine3.22` the rest is what it was built on. */
function numbersOf(version: string): number[] {
  const [text = ''] = /^v?\d+(\.\d+)*(\+k3s\d+)?/.exec(version) ?? [];
  return text.replace('k3s', '').match(/\d+/g)?.map(Number) ?? [];
}
