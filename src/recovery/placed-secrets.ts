import { X509Certificate } from 'node:crypto';
import { etcdFolder } from '../model/database-cluster';
import {
  agentTokenFile,
  backupRecipient,
  type CertificateFolder,
  databaseCa,
  databaseClusterCa,
  databaseSecrets,
  etcdSecrets,
  patroniSecrets,
  replicationSecrets,
  serverSecrets,
  tokenFile,
} from '../model/secrets';
import type { Host, Topology } from '../model/topology';
import { nodeSecretOnHost, nodeSecretsFile, registriesFile } from '../model/user-secrets';
import { isPrivateKey } from '../pki/key';

/** A secret that a step has put on a host. */
export interface PlacedSecret {
  /** Path on the host. */
  readonly remote: string;
  /** The file that it is, below the folder of cluster.yaml. */
  readonly local: string;
  /** Whether a text can be it. */
  readonly isIt: (text: string) => boolean;
}

const etc = '/etc/rancher/k3s';
const backups = '/usr/local/lib/k3s-cdk/database';

/** What one host has of the secrets: the key of the CA is on none. */
export function placedSecrets(topology: Topology, host: Host): PlacedSecret[] {
  const { database, k3s } = topology;
  const config = `${database.dataDir}/config`;
  const own = database.backup.recipients.indexOf(backupRecipient.certificate);
  return [
    ...(topology.servers.includes(host)
      ? [
          placed(`${etc}/token`, tokenFile, isToken),
          placed(`${etc}/agent-token`, agentTokenFile, isToken),
          ...certificate(`${etc}/datastore`, 'client', serverSecrets(host)),
          // Without credentials it comes from cluster.yaml.
          ...(k3s.registries === undefined ? [placed(`${etc}/registries.yaml`, registriesFile, isText)] : []),
        ]
      : []),
    ...ownSecrets(topology, host).map((name) =>
      placed(nodeSecretOnHost(name), nodeSecretsFile(name), isText),
    ),
    ...(topology.databases.includes(host)
      ? [
          placed(`${backups}/token`, tokenFile, isToken),
          ...certificate(config, 'server', databaseSecrets(host)),
          ...(database.cluster
            ? [
                ...certificate(config, 'replication', replicationSecrets(host)),
                ...clusterCertificate(config, 'patroni', patroniSecrets(host)),
              ]
            : []),
          ...(own < 0
            ? []
            : [placed(`${backups}/recipient-${own + 1}.crt`, backupRecipient.certificate, isCertificate)]),
        ]
      : []),
    ...(topology.quorum.includes(host)
      ? clusterCertificate(`${etcdFolder}/config`, 'etcd', etcdSecrets(host))
      : []),
  ];
}

/** Of what servers have too, no agent is asked: its answer would come to the servers. */
function ownSecrets({ servers }: Topology, host: Host): string[] {
  if (servers.includes(host)) return [...host.secretFiles];
  const ofServers = new Set(servers.flatMap(({ secretFiles }) => secretFiles));
  return host.secretFiles.filter((name) => !ofServers.has(name));
}

function certificate(folder: string, name: string, files: CertificateFolder): PlacedSecret[] {
  return [placed(`${folder}/ca.crt`, databaseCa.certificate, isCertificate), ...pair(folder, name, files)];
}

/** Of the CA of Patroni and etcd. */
function clusterCertificate(folder: string, name: string, files: CertificateFolder): PlacedSecret[] {
  return [
    placed(`${folder}/cluster-ca.crt`, databaseClusterCa.certificate, isCertificate),
    ...pair(folder, name, files),
  ];
}

function pair(folder: string, name: string, files: CertificateFolder): PlacedSecret[] {
  return [
    placed(`${folder}/${name}.crt`, `${files.folder}/${files.certificate}`, isCertificate),
    placed(`${folder}/${name}.key`, `${files.folder}/${files.key}`, isPrivateKey),
  ];
}

function placed(remote: string, local: string, isIt: PlacedSecret['isIt']): PlacedSecret {
  return { remote, local, isIt };
}

/** As far as k3s takes one: no blanks, no control characters. */
function isToken(text: string): boolean {
  return /^[\x21-\x7e]{8,512}\n?$/.test(text);
}

function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).toString().trim() === text.trim();
  } catch {
    return false;
  }
}

/** A file that people write. */
function isText(text: string): boolean {
  return text !== '' && !/[^\P{Cc}\n\t\r]/u.test(text);
}
