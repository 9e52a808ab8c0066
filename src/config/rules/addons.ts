import { canonicalAddress, contains, parseRange } from '../../net/address';
import { type Draft, isAbsent } from '../draft';
import type { Path } from '../path';
import { quote, quoteOr } from '../quote';
import { known } from './known';
import { poolNames, unknownName } from './metallb';
import type { Finding } from './rule';
import { repeated } from './unique';

type DraftAddons = NonNullable<Draft['addons']>;
type DraftIssuer = NonNullable<NonNullable<NonNullable<DraftAddons['certManager']>['issuers']>[number]>;

function issuersOf(config: Draft): [index: number, issuer: DraftIssuer][] {
  return known(config.addons?.certManager?.issuers);
}

function traefikOf(config: Draft) {
  const ingress = config.addons?.ingress;
  return typeof ingress === 'object' ? ingress : undefined;
}

/** Traefik's address comes from MetalLB. */
export function* ingressAddressFromPool(config: Draft): Iterable<Finding> {
  const traefik = traefikOf(config);
  if (!traefik || (isAbsent(traefik, 'pool') && isAbsent(traefik, 'addresses'))) return;
  const path = ['addons', 'ingress'];
  if (isAbsent(config, 'metallb')) {
    yield {
      path,
      target: 'key',
      message: "a fixed address for the ingress needs 'metallb': add it, or delete this",
    };
    return;
  }
  const names = poolNames(config);
  if (names && traefik.pool !== undefined && !names.includes(traefik.pool)) {
    yield unknownName(traefik.pool, names, [...path, 'pool'], 'pool');
    return;
  }
  const pools = known(config.metallb?.pools).filter(
    ([, { name }]) => traefik.pool === undefined || name === traefik.pool,
  );
  if (pools.some(([, { addresses }]) => !addresses || addresses.includes(undefined))) return;
  const ranges = pools.flatMap(([, { addresses }]) =>
    known(addresses).flatMap(([, text]) => parseRange(text) ?? []),
  );
  for (const [index, address] of known(traefik.addresses)) {
    const range = parseRange(address);
    if (!range || ranges.some((pool) => contains(pool, range))) continue;
    const which = traefik.pool === undefined ? 'any pool' : `the pool ${quote(traefik.pool)}`;
    yield {
      path: [...path, 'addresses', index],
      message: `${quote(canonicalAddress(address))} is not in ${which}: take an address of a pool`,
    };
  }
}

/** Issuers have unique names and are of one kind. */
export function* issuersAreComplete(config: Draft): Iterable<Finding> {
  const base = ['addons', 'certManager', 'issuers'];
  const names = issuersOf(config).map(([index, { name }]) => ({
    value: name,
    path: [...base, index, 'name'],
  }));
  for (const { value, path, first } of repeated(names)) {
    yield {
      path,
      other: first,
      message: `${quote(value)} is the name of another issuer: give each a name of its own`,
    };
  }
  for (const [index, issuer] of issuersOf(config)) {
    yield* exactlyOne(
      issuer,
      ['selfSigned', 'ca', 'acme', 'vault'],
      [...base, index],
      `the issuer ${quoteOr(issuer.name, `issuers[${index}]`)}`,
    );
    const { acme } = issuer;
    if (acme && !isAbsent(acme, 'dns01') && !isAbsent(acme, 'solvers'))
      yield {
        path: [...base, index, 'acme', 'dns01'],
        target: 'key',
        message: "beside 'solvers' it has no effect: make it one of them, or delete it",
      };
    if (!issuer.vault) continue;
    const path = [...base, index, 'vault'];
    yield* exactlyOne(issuer.vault, ['kubernetes', 'appRole', 'tokenSecret'], path, 'the login to Vault');
  }
}

function* exactlyOne<T extends object>(
  parent: T,
  keys: readonly (keyof T & string)[],
  path: Path,
  what: string,
): Iterable<Finding> {
  const given = keys.filter((key) => !isAbsent(parent, key));
  if (given.length === 1) return;
  const list = keys.map((key) => quote<string>(key)).join(', ');
  yield given.length === 0
    ? { path, message: `${what} does not say how: add one of ${list}` }
    : {
        path: [...path, given[1] ?? ''],
        target: 'key',
        message: `${what} has ${given.map((key) => quote<string>(key)).join(' and ')}: keep one`,
      };
}

/** HTTP-01 needs the ingress. */
export function* httpProofNeedsIngress(config: Draft): Iterable<Finding> {
  if (config.addons?.ingress !== 'none') return;
  for (const [index, { acme }] of issuersOf(config)) {
    if (!acme || !isAbsent(acme, 'dns01') || !isAbsent(acme, 'solvers')) continue;
    yield {
      path: ['addons', 'certManager', 'issuers', index, 'acme'],
      target: 'key',
      message: "proof by HTTP needs an ingress: add 'dns01', or set 'addons.ingress' to 'traefik'",
    };
  }
}

/** A host name for the dashboard needs an ingress. */
export function* headlampIsReachable(config: Draft): Iterable<Finding> {
  const headlamp = config.addons?.headlamp;
  if (!headlamp) return;
  const path = ['addons', 'headlamp'];
  if (headlamp.host !== undefined && config.addons?.ingress === 'none') {
    yield {
      path: [...path, 'host'],
      message: `${quote(headlamp.host)} needs an ingress: set 'addons.ingress' to 'traefik', or delete 'host'`,
    };
  }
  if (headlamp.issuer === undefined) return;
  if (isAbsent(headlamp, 'host')) {
    yield {
      path: [...path, 'issuer'],
      target: 'key',
      message: "'issuer' has no effect without 'host': add the name",
    };
  }
  const own = config.objects?.flatMap(({ manifest: { kind, metadata } }) =>
    kind === 'ClusterIssuer' ? [metadata.name] : [],
  );
  if (!own) return;
  const names = [...issuersOf(config).flatMap(([, { name }]) => name ?? []), ...own];
  const complete = config.addons?.certManager?.issuers?.every((issuer) => issuer?.name !== undefined) ?? true;
  if (complete && !names.includes(headlamp.issuer)) {
    yield unknownName(headlamp.issuer, names, [...path, 'issuer'], 'issuer');
  }
}

/** Charts are installed by k3s's Helm controller. */
export function* chartsNeedHelmController(config: Draft): Iterable<Finding> {
  if (config.k3s?.config?.['disable-helm-controller'] !== true) return;
  const charts: [Path, boolean][] = [
    [['addons', 'certManager'], config.addons?.certManager !== undefined],
    [['addons', 'headlamp'], config.addons?.headlamp !== undefined],
    [['addons', 'ingress'], traefikOf(config) !== undefined],
    [['metallb', 'bgp', 'backend'], config.metallb?.bgp?.backend === 'frr-k8s'],
  ];
  for (const [path, used] of charts) {
    if (!used) continue;
    yield {
      path,
      target: 'key',
      message: `${quote(path.join('.'))} is installed by the Helm controller of k3s: delete 'disable-helm-controller', or this`,
    };
  }
}
