import { familyOf, familyOfNetwork } from '../../net/address';
import type { Draft } from '../draft';
import { quote } from '../quote';
import { nameOf, nodeIpsOf, nodes } from './known';
import { networksOf } from './networks';
import type { Finding } from './rule';

/** A second network must be of the other family. */
export function* oneNetworkPerFamily(config: Draft): Iterable<Finding> {
  for (const list of [networksOf(config, 'pods'), networksOf(config, 'services')]) {
    const [first, second] = list;
    if (!first || !second || familyOfNetwork(first.network) !== familyOfNetwork(second.network)) continue;
    yield {
      path: second.path,
      message: `${quote(second.network)} is of the same family as ${quote(first.network)}: a second network is for dual stack, one IPv4 and one IPv6`,
    };
  }
}

/** Pods and services have the same families, the first of both being the cluster's own. */
export function* sameFamilies(config: Draft): Iterable<Finding> {
  const [pods, services] = [familiesOf(config, 'pods'), familiesOf(config, 'services')];
  if (!pods || !services || pods.join() === services.join()) return;
  if (new Set(pods).size < pods.length || new Set(services).size < services.length) return;
  const text = (families: readonly number[]) => families.map((family) => `IPv${family}`).join(' and ');
  yield {
    path: ['network', 'services'],
    message: `the services have ${text(services)} and the pods ${text(pods)}: give both the same families in the same order`,
  };
}

/** The families of the pods or services, in order; undefined when they are not all known. */
function familiesOf(config: Draft, what: 'pods' | 'services'): (4 | 6)[] | undefined {
  const list = config.network?.[what];
  if (!list || list.includes(undefined)) return undefined;
  return networksOf(config, what).map(({ network }) => familyOfNetwork(network));
}

/** Every node has an address of each family of the cluster, that of the primary family first. */
export function* nodeIpsMatchFamilies(config: Draft): Iterable<Finding> {
  const families = familiesOf(config, 'pods');
  if (!families) return;
  for (const [index, host] of nodes(config)) {
    const ips = nodeIpsOf([index, host]);
    if (ips.length === 0 || host.nodeIps?.includes(undefined)) continue;
    const own = ips.map(({ ip }) => familyOf(ip));
    const message = familyProblem(nameOf(host), families, own, 'nodeIps' in host);
    if (message) yield { path: ['hosts', index, 'nodeIps' in host ? 'nodeIps' : 'address'], message };
  }
}

function familyProblem(
  name: string,
  wanted: readonly (4 | 6)[],
  own: readonly (4 | 6 | undefined)[],
  listed: boolean,
): string | undefined {
  const [primary] = wanted;
  if (!wanted.every((family) => own.includes(family))) {
    const needs =
      new Set(wanted).size > 1
        ? `the pods have IPv4 and IPv6, so ${name} needs an address of each`
        : `the pods have IPv${primary}, so ${name} needs an IPv${primary} address`;
    return `${needs}: ${listed ? "complete its 'nodeIps'" : "list its addresses in 'nodeIps'"}`;
  }
  if (own[0] !== primary) return `the primary family of the cluster is IPv${primary}: put that address first`;
  const twice = own.length === 2 && own[0] === own[1];
  return twice
    ? `both addresses of ${name} are IPv${primary}: a node has at most one of each family`
    : undefined;
}
