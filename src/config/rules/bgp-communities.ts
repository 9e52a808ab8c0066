import type { Draft } from '../draft';
import { quote } from '../quote';
import { bgpPath, needsFrr } from './bgp';
import { known } from './known';
import { unknownName } from './metallb';
import type { Finding } from './rule';

/** Named communities must be ones that MetalLB can parse. */
export function* communitiesAreValid(config: Draft): Iterable<Finding> {
  for (const [name, value] of Object.entries(config.metallb?.bgp?.communities ?? {})) {
    if (value === undefined || isCommunity(value)) continue;
    yield { path: bgpPath('communities', name), message: notCommunity(value) };
  }
}

/** Communities of advertisements are valid, or names of defined ones. */
export function* announcedCommunitiesExist(config: Draft): Iterable<Finding> {
  const bgp = config.metallb?.bgp;
  const names = Object.keys(bgp?.communities ?? {});
  for (const [index, { communities }] of known(bgp?.advertisements)) {
    for (const [n, community] of known(communities)) {
      if (isCommunity(community) || names.includes(community)) continue;
      const path = bgpPath('advertisements', index, 'communities', n);
      if (community.includes(':')) yield { path, message: notCommunity(community) };
      else yield unknownName(community, names, path, 'community');
    }
  }
}

/** MetalLB's own BGP knows standard communities only. */
export function* nativeCommunitiesAreStandard(config: Draft): Iterable<Finding> {
  const bgp = config.metallb?.bgp;
  if (bgp?.backend !== 'native') return;
  const announced = known(bgp.advertisements).flatMap(([index, { communities }]) =>
    known(communities).map(([n, value]) => ({
      value,
      path: bgpPath('advertisements', index, 'communities', n),
    })),
  );
  const named = Object.entries(bgp.communities ?? {}).map(([name, value]) => ({
    value,
    path: bgpPath('communities', name),
  }));
  for (const { value, path } of [...announced, ...named]) {
    if (!value?.startsWith('large:')) continue;
    yield { path, message: `the large community ${quote(value)} ${needsFrr}` };
  }
}

function notCommunity(text: string): string {
  return `${quote(text)} is not a community: write it like 65000:100 or large:65000:1:2`;
}

/** Standard: two numbers of two bytes; large: three of four bytes (RFC 1997, RFC 8092). */
function isCommunity(text: string): boolean {
  const large = text.startsWith('large:');
  const parts = (large ? text.slice('large:'.length) : text).split(':');
  const most = large ? 4294967295 : 65535;
  return (
    parts.length === (large ? 3 : 2) && parts.every((part) => /^\d+$/.test(part) && Number(part) <= most)
  );
}
