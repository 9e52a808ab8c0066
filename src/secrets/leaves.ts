import {
  type CertificateFolder,
  databaseSecrets,
  etcdSecrets,
  patroniSecrets,
  replicationSecrets,
  serverSecrets,
} from '../model/secrets';
import type { Host, Topology } from '../model/topology';
import { familyOf } from '../net/address';
import type { CertificateRequest } from '../pki/request';

/** A certificate that a CA issues, and where it belongs. */
export interface Leaf {
  /** Copy of the CA's certificate. */
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
  readonly request: CertificateRequest;
}

/**
 * The certificates of the database's CA: a server's for each database host, a client's for each k3s server, and with
 * several database hosts a client's for each of these, which copies what the primary has.
 */
export function databaseLeaves(topology: Topology): Leaf[] {
  const { databases, servers, database } = topology;
  return [
    ...databases.map((host) => leaf(databaseSecrets(host), serverRequest(host))),
    ...(database.cluster
      ? databases.map((host) => leaf(replicationSecrets(host), clientRequest(host.name)))
      : []),
    ...servers.map((host) => leaf(serverSecrets(host), clientRequest(database.user, host.name))),
  ];
}

/** Those of the CA of Patroni and etcd: one for each database host, one for each etcd host. None for a single database. */
export function databaseClusterLeaves({ databases, quorum, database }: Topology): Leaf[] {
  return [
    ...(database.cluster ? databases.map((host) => leaf(patroniSecrets(host), peerRequest(host))) : []),
    ...quorum.map((host) => leaf(etcdSecrets(host), peerRequest(host))),
  ];
}

function leaf({ folder, ca, certificate, key }: CertificateFolder, request: CertificateRequest): Leaf {
  const path = (name: string) => `${folder}/${name}`;
  return { ca: path(ca), certificate: path(certificate), key: path(key), request };
}

/** k3s insists on `verify-full`: every address that its endpoint may name has to be in the certificate. */
function serverRequest(host: Host): CertificateRequest {
  const isAddress = (name: string) => familyOf(name) !== undefined;
  return {
    commonName: host.name,
    usage: 'server',
    ipAddresses: host.nodeIps.filter(isAddress),
    dnsNames: [...new Set([host.name, ...host.nodeIps.filter((name) => !isAddress(name))])],
  };
}

/** Client and server: hosts also ask themselves. */
function peerRequest(host: Host): CertificateRequest {
  const { ipAddresses, ...request } = serverRequest(host);
  return { ...request, usage: 'peer', ipAddresses: [...ipAddresses, '127.0.0.1'] };
}

/**
 * Postgres takes the common name as the role, or as the database host that a line of pg_ident.conf has; the unit distinguishes the
 * servers in `pg_stat_ssl`.
 */
function clientRequest(commonName: string, organizationalUnit?: string): CertificateRequest {
  return {
    commonName,
    ...(organizationalUnit !== undefined && { organizationalUnit }),
    usage: 'client',
    ipAddresses: [],
    dnsNames: [],
  };
}
