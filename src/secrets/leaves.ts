import { peerName } from '../model/database-cluster';
import {
  type CertificateFolder,
  databaseSecrets,
  etcdSecrets,
  memberSecrets,
  serverSecrets,
} from '../model/secrets';
import type { Host, Topology } from '../model/topology';
import { familyOf } from '../net/address';
import type { CertificateRequest } from '../pki/request';

/** A certificate that the CA of the database issues, and where it belongs. */
export interface Leaf {
  /** Copy of the CA's certificate. */
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
  readonly request: CertificateRequest;
}

/**
 * The certificates of a cluster: a server's for each database host, a client's for each k3s server; with several database
 * hosts also those that these and the hosts of etcd show to each other.
 */
export function leaves(topology: Topology): Leaf[] {
  return [
    ...topology.databases.map((host) => leaf(databaseSecrets(host), serverRequest(host))),
    ...(topology.database.cluster
      ? topology.databases.map((host) => leaf(memberSecrets(host), peerRequest(host)))
      : []),
    ...topology.quorum.map((host) => leaf(etcdSecrets(host), peerRequest(host))),
    ...topology.servers.map((host) => leaf(serverSecrets(host), clientRequest(host, topology.database.user))),
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

/** Client and server: the name is what Postgres and etcd know the host by, and hosts also ask themselves. */
function peerRequest(host: Host): CertificateRequest {
  const { ipAddresses, dnsNames, ...request } = serverRequest(host);
  return {
    ...request,
    usage: 'peer',
    ipAddresses: [...ipAddresses, '127.0.0.1'],
    dnsNames: [...dnsNames, peerName],
  };
}

/** Postgres takes the common name as the role; the unit tells the servers apart in `pg_stat_ssl`. */
function clientRequest(host: Host, role: string): CertificateRequest {
  return { commonName: role, organizationalUnit: host.name, usage: 'client', ipAddresses: [], dnsNames: [] };
}
