import { familyOf } from '../../net/address';
import { type Draft, isAbsent } from '../draft';
import { quote } from '../quote';
import { hostsWith, isExternal, isNode, known, nameOf, nodes, rolesAreKnown } from './known';
import type { Finding } from './rule';

/** A cluster has a control plane. */
export function* atLeastOneServer(config: Draft): Iterable<Finding> {
  if (rolesAreKnown(config) && hostsWith(config, 'server').length === 0) {
    yield {
      path: ['hosts'],
      target: 'key',
      message:
        "no host has the role 'server': give it to the hosts that run the control plane, three for high availability",
    };
  }
}

/** The etcd hosts, of which two are a majority. */
const quorumSize = 3;

/** More copies have no use: one standby is synchronous, a second one serves while the first is repaired. */
const maxDatabases = 3;

/** k3s keeps its state in Postgres: on one host, or on some whose primary a majority of three hosts decides. */
export function* databaseHosts(config: Draft): Iterable<Finding> {
  const databases = hostsWith(config, 'database');
  // The rules of an external database are with it.
  if (isExternal(config)) return;
  if (databases.length === 0 && rolesAreKnown(config)) {
    yield {
      path: ['hosts'],
      target: 'key',
      message:
        "no host has the role 'database': give it to one host, best to one with an SSD, or name a database that there is as 'database.external'",
    };
  }
  const pathOf = ([index, host]: (typeof databases)[number]): Finding['path'] => [
    'hosts',
    index,
    'roles',
    host.roles?.indexOf('database') ?? 0,
  ];
  for (const host of databases.slice(maxDatabases)) {
    yield {
      path: pathOf(host),
      message: `${databases.length} hosts have the role 'database', and ${maxDatabases} are supported: take the role from one of them`,
    };
  }
  const [, second] = databases;
  const deciding = new Set([...hostsWith(config, 'server'), ...databases].map(([index]) => index)).size;
  if (second && deciding < quorumSize && rolesAreKnown(config)) {
    yield {
      path: pathOf(second),
      message: `two database hosts need a majority of ${quorumSize} hosts to decide which of them is the primary, and there are ${deciding} servers and database hosts: add a server, or take the role from one of them`,
    };
  }
}

/** The provisioner in the cluster serves one NFS server. */
export function* atMostOneNfs(config: Draft): Iterable<Finding> {
  const [first, ...others] = hostsWith(config, 'nfs');
  for (const [index, host] of others) {
    yield {
      path: ['hosts', index, 'roles', host.roles?.indexOf('nfs') ?? 0],
      message: `${first && nameOf(first[1])} has the role 'nfs' already: one NFS host is supported, so take the role from one of them`,
    };
  }
}

/** A server runs pods like an agent does. */
export function* serverIsNoAgent(config: Draft): Iterable<Finding> {
  for (const [index, { roles }] of hostsWith(config, 'agent')) {
    if (!roles?.includes('server')) continue;
    yield {
      path: ['hosts', index, 'roles', roles.indexOf('agent')],
      message: "a host is either 'server' or 'agent': delete 'agent', a server runs pods too",
    };
  }
}

/** Certificates, firewalls and k3s itself need numbers, not names. */
export function* addressOfNode(config: Draft): Iterable<Finding> {
  for (const [index, host] of known(config.hosts)) {
    if (host.address === undefined || familyOf(host.address) !== undefined || !isAbsent(host, 'nodeIps'))
      continue;
    yield {
      path: ['hosts', index, 'address'],
      message: `${quote(host.address)} is a name: the cluster needs the IP address of the host, so write that here or in 'nodeIps'`,
    };
  }
}

/** A name that means 'myself' everywhere cannot be the name of one of several nodes. */
export function* noLocalhost(config: Draft): Iterable<Finding> {
  for (const [index, { name }] of known(config.hosts)) {
    if (name !== 'localhost') continue;
    yield {
      path: ['hosts', index, 'name'],
      message: "'localhost' is every host's name for itself: give this host a name of its own",
    };
  }
}

/**
 * A client's common name is its role in Postgres: k3s's, and those that Patroni uses. Certificates of
 * database hosts have the host's name there.
 */
const namesInCertificates = ['postgres', 'k3s', 'replicator', 'rewind'];

/** A certificate names a host or a role, not both. */
export function* databaseHostIsNoRole(config: Draft): Iterable<Finding> {
  for (const [index, { name }] of hostsWith(config, 'database')) {
    if (name === undefined || !namesInCertificates.includes(name)) continue;
    yield {
      path: ['hosts', index, 'name'],
      message: `${quote(name)} is what clients of the database are known by, and the certificates of a database host have its name: call the host another name, such as 'storage1'`,
    };
  }
}

/** Settings for nodes do nothing on a host without k3s. */
export function* nodeSettingsNeedNode(
  config: Draft,
  written: (path: (string | number)[]) => boolean,
): Iterable<Finding> {
  for (const [index, host] of known(config.hosts)) {
    if (isNode(host) || !host.roles || host.roles.includes(undefined)) continue;
    for (const key of ['labels', 'taints', 'zone', 'config']) {
      const path = ['hosts', index, key];
      if (!written(path)) continue;
      yield {
        path,
        target: 'key',
        severity: 'warning',
        message: `'${key}' has no effect on ${nameOf(host)}, which is neither server nor agent: delete it`,
      };
    }
  }
}

/** Pods without a toleration must find a place to run. */
export function* somewhereToRun(config: Draft): Iterable<Finding> {
  const all = nodes(config);
  if (!rolesAreKnown(config) || all.length === 0) return;
  if (!all.every(([, { taints }]) => taints?.some((taint) => taint && /:No(Schedule|Execute)$/.test(taint))))
    return;
  const [index] = all[0] ?? [0];
  yield {
    path: ['hosts', index, 'taints'],
    severity: 'warning',
    message:
      'every node of the cluster has a taint: no pod without a toleration can run, so leave one node without',
  };
}
