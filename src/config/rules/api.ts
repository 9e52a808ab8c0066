import {
  type AddressRange,
  canonicalAddress,
  contains,
  isNetworkEdge,
  parseRange,
  specialUse,
} from '../../net/address';
import { postgresPort } from '../../roles/database/ports';
import { ownPorts } from '../../roles/k3s/ports';
import { memberlistPort } from '../../roles/metallb/ports';
import { nfsPort } from '../../roles/nfs/ports';
import { type Draft, isAbsent } from '../draft';
import { quote } from '../quote';
import { hostsWith, known, nameOf, nodeIpsOf, rolesAreKnown } from './known';
import { networkFinder, nodeNetworksOf, quoteNetworks } from './networks';
import type { Finding, Written } from './rule';

const address = ['api', 'address'] as const;

/** Agents and people need one address that survives the loss of a server. */
export function* severalServersNeedVirtualIp(config: Draft, written: Written): Iterable<Finding> {
  const [, second] = hostsWith(config, 'server');
  if (!second || !config.api || !isAbsent(config.api, 'address')) return;
  yield {
    path: written(['api']) ? address : ['hosts', second[0], 'roles'],
    message:
      "several servers need 'api.address': a free address in their subnet, which moves to another server when one fails",
  };
}

/** A virtual IP for a single server only adds moving parts. */
export function* oneServerNeedsNoVirtualIp(config: Draft): Iterable<Finding> {
  if (!config.api?.address || !rolesAreKnown(config) || hostsWith(config, 'server').length !== 1) return;
  yield {
    path: address,
    severity: 'warning',
    message: `the virtual IP ${quote(config.api.address)} has one server behind it: delete it, or add servers`,
  };
}

/** The virtual IP belongs to no machine. */
export function* virtualIpIsFree(config: Draft): Iterable<Finding> {
  const virtualIp = config.api?.address;
  if (!virtualIp) return;
  const own = canonicalAddress(virtualIp);
  const taken = (ip: string | undefined) => ip !== undefined && canonicalAddress(ip) === own;
  for (const [index, host] of known(config.hosts)) {
    if (!taken(host.address) && !nodeIpsOf([index, host]).some(({ ip }) => taken(ip))) continue;
    yield {
      path: address,
      message: `${quote(virtualIp)} is the address of ${nameOf(host)}: the virtual IP must be one that no machine has`,
    };
  }
  if (taken(config.ssh?.bastion?.address)) {
    yield { path: address, message: `${quote(virtualIp)} is the address of the bastion: choose a free one` };
  }
}

/** keepalived moves the virtual IP between machines of one subnet. */
export function* virtualIpInSubnet(config: Draft, written: Written): Iterable<Finding> {
  const virtualIp = config.api?.address ?? '';
  const range = parseRange(virtualIp);
  const networks = nodeNetworksOf(config);
  if (!range || networks.length === 0 || specialUse(virtualIp) !== undefined) return;
  const home = networkFinder(networks)(range);
  if (!home) {
    yield {
      path: address,
      message: `${quote(virtualIp)} lies outside of the subnet of the hosts, ${quoteNetworks(networks)}: choose a free address in it`,
      ...(!written(['network', 'nodes']) && {
        hint: "if the subnet is larger, say so: 'network: { nodes: [192.168.0.0/16] }'",
      }),
    };
  } else if (isNetworkEdge(range, home.range)) {
    yield {
      path: address,
      message: `${quote(virtualIp)} is the first or last address of ${home.network}: no machine can have it`,
    };
  } else {
    yield* serversNear(config, home, virtualIp);
  }
}

function* serversNear(
  config: Draft,
  home: { network: string; range: AddressRange },
  virtualIp: string,
): Iterable<Finding> {
  for (const [index, host] of hostsWith(config, 'server')) {
    const ips = nodeIpsOf([index, host]);
    const ranges = ips.flatMap(({ ip }) => parseRange(ip) ?? []);
    if (ips[0] === undefined || ranges.some((range) => contains(home.range, range))) continue;
    yield {
      path: ips[0].path,
      message: `${nameOf(host)} has no address in ${home.network}, the subnet of the virtual IP ${quote(virtualIp)}: it could not take it over`,
    };
  }
}

/** MetalLB would give the address of the API to a service. */
export function* virtualIpOutsidePools(config: Draft): Iterable<Finding> {
  const virtualIp = config.api?.address ?? '';
  const range = parseRange(virtualIp);
  for (const [index, pool] of known(config.metallb?.pools)) {
    for (const [n, addresses] of known(pool.addresses)) {
      const pooled = parseRange(addresses);
      if (!range || !pooled || !contains(pooled, range)) continue;
      yield {
        path: ['metallb', 'pools', index, 'addresses', n],
        message: `the pool ${quote(addresses)} contains ${quote(virtualIp)}, the virtual IP of the API: leave it out of the pool`,
      };
    }
  }
}

/** Ports on which something else listens on a server, and what. */
const takenPorts: ReadonlyMap<number, string> = new Map([
  [nfsPort, 'NFS'],
  [postgresPort, 'Postgres'],
  [memberlistPort, 'MetalLB'],
  ...ownPorts.map(({ port, owner }): [number, string] => [port, owner]),
]);

/** The API must have its port for itself on every server. */
export function* apiPortIsFree(config: Draft): Iterable<Finding> {
  const port = config.api?.port;
  if (port === undefined) return;
  const path = ['api', 'port'];
  const hint = '6443 is the usual port, 443 works too when MetalLB is there';
  const ssh = hostsWith(config, 'server').some(([, host]) => (host.ssh?.port ?? config.ssh?.port) === port);
  if (ssh) yield { path, message: `port ${port} of the servers is taken by SSH: choose another`, hint };
  const user = takenPorts.get(port);
  if (user) yield { path, message: `port ${port} of the servers is taken by ${user}: choose another`, hint };
  if (port >= 30000 && port <= 32767) {
    yield {
      path,
      message: `port ${port} is in the range of Kubernetes' node ports, 30000 to 32767: choose another`,
      hint,
    };
  }
  if ((port === 80 || port === 443) && config.addons?.ingress === 'traefik' && !config.metallb) {
    yield {
      path,
      message: `port ${port} of every node is taken by Traefik when there is no MetalLB: choose another`,
      hint,
    };
  }
}

/** The VRRP router id is keepalived's, and keepalived needs a virtual IP. */
export function* routerIdNeedsVirtualIp(config: Draft): Iterable<Finding> {
  if (config.api?.virtualRouterId === undefined || !isAbsent(config.api, 'address')) return;
  yield {
    path: ['api', 'virtualRouterId'],
    target: 'key',
    severity: 'warning',
    message: "'virtualRouterId' has no effect without 'api.address': delete it",
  };
}
