import { type Draft, isAbsent } from '../draft';
import type { Path } from '../path';
import { quote, quoteAll } from '../quote';
import { didYouMean } from '../suggest';
import { known } from './known';
import { withoutTwins } from './label-selectors';
import type { Finding } from './rule';
import { repeated } from './unique';

type DraftMetallb = NonNullable<Draft['metallb']>;

type DraftSelection = Pick<
  NonNullable<NonNullable<DraftMetallb['l2']>['advertisements']>[number] & object,
  'pools' | 'poolSelectors'
>;

/** Two load balancers would take turns with a service that asks for neither. */
export function* serviceLbNeedsClass({ metallb }: Draft): Iterable<Finding> {
  if (!metallb?.serviceLB || !isAbsent(metallb, 'loadBalancerClass')) return;
  yield {
    path: ['metallb', 'serviceLB'],
    message:
      "ServiceLB and MetalLB would take the same services: set 'metallb.loadBalancerClass', such as example.net/metallb, for those of MetalLB to name",
  };
}

/** The selections of both kinds of advertisements, with their paths. */
function advertisements(metallb: DraftMetallb | undefined) {
  const kinds = { l2: metallb?.l2?.advertisements, bgp: metallb?.bgp?.advertisements };
  return Object.entries(kinds).flatMap(([kind, list]) =>
    known<DraftSelection>(list).map(([index, advertisement]) => ({
      advertisement,
      path: ['metallb', kind, 'advertisements', index] as Path,
    })),
  );
}

/**
 * A name in a list that should refer to another object. Not an error: that may be in the user's own
 * manifests.
 */
export function* refersTo(
  list: readonly (string | undefined)[] | undefined,
  names: readonly string[],
  path: Path,
  what: string,
): Iterable<Finding> {
  for (const [index, name] of known(list)) {
    if (names.includes(name)) continue;
    yield { ...unknownName(name, names, [...path, index], what), severity: 'warning' };
  }
}

/** The finding for a name that refers to nothing. */
export function unknownName(name: string, names: readonly string[], path: Path, what: string): Finding {
  return {
    path,
    message: `there is no ${what} ${quote(name)}: ${names.length > 0 ? `choose from ${quoteAll([...new Set(names)], 'or')}` : 'add it first'}`,
    ...didYouMean(name, names),
  };
}

/** Names of pools; undefined while one of them is not known. */
export function poolNames(config: Draft): string[] | undefined {
  const names = config.metallb?.pools?.map((pool) => pool?.name);
  return names?.every((name) => name !== undefined) ? names : undefined;
}

/** An advertisement of a nonexistent pool announces nothing. */
export function* advertisedPoolsExist(config: Draft): Iterable<Finding> {
  const pools = poolNames(config);
  if (!pools) return;
  for (const { advertisement, path } of advertisements(config.metallb)) {
    yield* refersTo(advertisement.pools, pools, [...path, 'pools'], 'pool');
  }
}

/** Objects of a kind must have unique names. */
export function* uniqueMetallbNames(config: Draft): Iterable<Finding> {
  const { l2, bgp } = config.metallb ?? {};
  const lists = [
    { list: l2?.advertisements, path: ['metallb', 'l2', 'advertisements'] },
    { list: bgp?.advertisements, path: ['metallb', 'bgp', 'advertisements'] },
    { list: bgp?.peers, path: ['metallb', 'bgp', 'peers'] },
    { list: bgp?.bfdProfiles, path: ['metallb', 'bgp', 'bfdProfiles'] },
  ];
  for (const { list, path } of lists) {
    const items = known<{ readonly name: string | undefined }>(list).map(([index, { name }]) => ({
      value: name,
      path: [...path, index, 'name'],
    }));
    for (const { value, path: again, first } of repeated(items)) {
      yield {
        path: again,
        message: `${quote(value)} is the name of ${path.at(-1)}[${first[3]}] too: give each a name of its own`,
      };
    }
  }
}

/** A pool that no advertisement picks hands out addresses that nobody can reach. */
export function* poolsAreAnnounced(config: Draft): Iterable<Finding> {
  const all = advertisements(config.metallb);
  const { mode, l2, bgp } = config.metallb ?? {};
  if (mode === undefined || (mode === 'l2' ? l2 : bgp)?.advertisements?.length === 0) return;
  const complete = [l2?.advertisements ?? [], bgp?.advertisements ?? []].every(
    (list) => !list.includes(undefined),
  );
  const selects = all.some(
    ({ advertisement: { pools, poolSelectors } }) => !poolSelectors || !pools || poolSelectors.length > 0,
  );
  const everything = all.some(({ advertisement: { pools } }) => pools?.length === 0);
  if (!complete || selects || everything || all.length === 0) return;
  for (const [index, { name }] of known(config.metallb?.pools)) {
    if (name === undefined || all.some(({ advertisement }) => advertisement.pools?.includes(name))) continue;
    yield {
      path: ['metallb', 'pools', index, 'name'],
      severity: 'warning',
      message: `no advertisement names the pool ${quote(name)}: nobody will find its addresses, so add it to one`,
    };
  }
}

/** MetalLB rejects lists with duplicates, except of interfaces. */
export function* metallbListsAreSets(config: Draft): Iterable<Finding> {
  const twins = (list: readonly (string | undefined)[] | undefined, path: Path) =>
    withoutTwins(
      list,
      path,
      (item) => item,
      (item) => quote(item),
    );
  for (const [index, { allocation }] of known(config.metallb?.pools)) {
    yield* twins(allocation?.namespaces, ['metallb', 'pools', index, 'allocation', 'namespaces']);
  }
  for (const { advertisement, path } of advertisements(config.metallb)) {
    yield* twins(advertisement.pools, [...path, 'pools']);
  }
  for (const [index, { peers, communities }] of known(config.metallb?.bgp?.advertisements)) {
    const path = ['metallb', 'bgp', 'advertisements', index];
    yield* twins(peers, [...path, 'peers']);
    yield* twins(communities, [...path, 'communities']);
  }
}
