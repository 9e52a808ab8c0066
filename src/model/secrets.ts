import type { Backup, Database, Host, OwnStep, Topology } from './topology';

/** Settings of Terraform's backend that do not belong into cluster.yaml, as `-backend-config` takes them; there may be none. */
export const backendFile = 'secrets/backend.tfbackend';

/** Paths of this file are relative to the folder of cluster.yaml and use `/`. */
export const secretsFolder = 'secrets';

/** The token of k3s, which servers join with; the folders of their steps hold copies. */
export const tokenFile = `${secretsFolder}/k3s-token` as const;

/** What agents join with: it does not allow joining as a server. */
export const agentTokenFile = `${secretsFolder}/k3s-agent-token` as const;

/** Previous values of a token, one per line: backups, and hosts that were off, still have one of them. */
export function previousTokens(file: typeof tokenFile | typeof agentTokenFile): string {
  return `${file}.previous`;
}

/** The private CA of the database. Only its certificate leaves the operator's machine. */
export const databaseCa = {
  certificate: `${secretsFolder}/database-ca.crt`,
  key: `${secretsFolder}/database-ca.key`,
} as const;

/** Of etcd and Patroni, with several database hosts: certificates for Postgres open neither of them. */
export const databaseClusterCa = {
  certificate: `${secretsFolder}/database-cluster-ca.crt`,
  key: `${secretsFolder}/database-cluster-ca.key`,
} as const;

/** Secret files of one host step: `folder` is uploaded as a whole, its files are named relative to it. */
export interface SecretFolder {
  readonly folder: string;
  /**
   * Files whose change makes the step run again: certificates and random tokens, whose hash reveals nothing.
   */
  readonly hashed: readonly string[];
}

export interface CertificateFolder extends SecretFolder {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

export interface TokenFolder extends SecretFolder {
  readonly token: string;
}

export interface ServerFolder extends CertificateFolder, TokenFolder {
  readonly agentToken: string;
}

/** What the database step of a host uploads. */
export function databaseSecrets(host: Pick<Host, 'name'>): CertificateFolder {
  const files = { ca: 'ca.crt', certificate: 'server.crt', key: 'server.key' };
  return {
    folder: `${secretsFolder}/hosts/${host.name}/database`,
    ...files,
    hashed: [files.ca, files.certificate],
  };
}

/**
 * What the database step also uploads with several database hosts: a standby's certificate for the primary's
 * Postgres.
 */
export function replicationSecrets(host: Pick<Host, 'name'>): CertificateFolder {
  const { folder, ca } = databaseSecrets(host);
  return {
    folder,
    ca,
    certificate: 'replication.crt',
    key: 'replication.key',
    hashed: ['replication.crt'],
  };
}

/** And Patroni's certificate for the others and for etcd. */
export function patroniSecrets(host: Pick<Host, 'name'>): CertificateFolder {
  const files = { ca: 'cluster-ca.crt', certificate: 'patroni.crt', key: 'patroni.key' };
  return { folder: databaseSecrets(host).folder, ...files, hashed: [files.ca, files.certificate] };
}

/** What the etcd step of a host uploads. */
export function etcdSecrets(host: Pick<Host, 'name'>): CertificateFolder {
  const files = { ca: 'cluster-ca.crt', certificate: 'etcd.crt', key: 'etcd.key' };
  return {
    folder: `${secretsFolder}/hosts/${host.name}/etcd`,
    ...files,
    hashed: [files.ca, files.certificate],
  };
}

/** What the k3s step of a server uploads. */
export function serverSecrets(host: Pick<Host, 'name'>): ServerFolder {
  const files = {
    token: 'token',
    agentToken: 'agent-token',
    ca: 'datastore-ca.crt',
    certificate: 'datastore-client.crt',
    key: 'datastore-client.key',
  };
  return {
    folder: `${secretsFolder}/hosts/${host.name}/k3s`,
    ...files,
    hashed: [files.token, files.agentToken, files.ca, files.certificate],
  };
}

/** Where the user puts what a step of the user's own uploads. */
export function ownStepSecrets({ name }: Pick<OwnStep, 'name'>): string {
  return `${secretsFolder}/steps/${name}`;
}

/** What users write for an external database, by the names that servers have it under. */
const externalFiles = {
  'client.crt': `${secretsFolder}/database-client.crt`,
  'client.key': `${secretsFolder}/database-client.key`,
  password: `${secretsFolder}/database-password`,
} as const;

/** A file that servers need for the database. */
export interface DatastoreFile {
  readonly name: 'ca.crt' | keyof typeof externalFiles;
  /** In the folder of a server's step. */
  readonly copy: string;
  /** What users write. Undefined: `init` makes it. */
  readonly original?: string;
}

export function datastoreFiles({ external }: Database): DatastoreFile[] {
  const file = (name: DatastoreFile['name'], original?: string) => ({
    ...{ name, copy: `datastore-${name}` },
    ...(original !== undefined && { original }),
  });
  if (!external) return [file('ca.crt'), file('client.crt'), file('client.key')];
  const names =
    external.authentication === 'password'
      ? (['password'] as const)
      : (['client.crt', 'client.key'] as const);
  return [
    ...(external.ca === undefined ? [] : [file('ca.crt', external.ca)]),
    ...names.map((name) => file(name, externalFiles[name])),
  ];
}

/** The certificate that `init` makes, with its key, for backups whose `recipients` name it. */
export const backupRecipient = {
  certificate: `${secretsFolder}/backup.crt`,
  key: `${secretsFolder}/backup.key`,
} as const;

/** What the backup step of a database host uploads: the token, and copies of the certificates to encrypt for. */
export function backupSecrets(
  host: Pick<Host, 'name'>,
  { recipients }: Pick<Backup, 'recipients'>,
): TokenFolder & { readonly previousTokens: string; readonly recipients: readonly string[] } {
  const copies = recipients.map((_, index) => `recipient-${index + 1}.crt`);
  return {
    folder: `${secretsFolder}/hosts/${host.name}/backup`,
    token: 'token',
    previousTokens: 'previous-tokens',
    recipients: copies,
    hashed: ['token', ...copies],
  };
}

/** What the k3s step of every agent uploads, the agents' token: one folder for all, so that a thousand need one copy. */
export function agentSecrets(): TokenFolder {
  return { folder: `${secretsFolder}/agents/k3s`, token: 'token', hashed: ['token'] };
}

/** Every copy of the token that the steps of this cluster upload. */
export function tokenCopies(topology: Topology): string[] {
  const folders: TokenFolder[] = [
    ...topology.servers.map(serverSecrets),
    ...topology.backupHosts.map((host) => backupSecrets(host, topology.database.backup)),
  ];
  return folders.map(({ folder, token }) => `${folder}/${token}`);
}

/** Every copy of the previous server tokens, if there are any: a backup contains the one that opens it. */
export function previousTokensCopies({ backupHosts, database: { backup } }: Topology): string[] {
  return backupHosts.map((host) => {
    const { folder, previousTokens } = backupSecrets(host, backup);
    return `${folder}/${previousTokens}`;
  });
}

/**
 * Every copy of the agent token. Servers have it before there are agents, so that the first one does not
 * restart them.
 */
export function agentTokenCopies(topology: Topology): string[] {
  const { folder, token } = agentSecrets();
  return [
    ...topology.servers.map(serverSecrets).map((server) => `${server.folder}/${server.agentToken}`),
    ...(topology.agents.length > 0 ? [`${folder}/${token}`] : []),
  ];
}

/** Every copy of a recipient's certificate. */
function recipientCopies({ backupHosts, database: { backup } }: Topology): string[] {
  return backupHosts.flatMap((host) => {
    const { folder, recipients } = backupSecrets(host, backup);
    return recipients.map((name) => `${folder}/${name}`);
  });
}

/** The CAs of this cluster. */
export function authorities({ database }: Pick<Topology, 'database'>) {
  return [...(database.external ? [] : [databaseCa]), ...(database.cluster ? [databaseClusterCa] : [])];
}

/** Every secret file that this cluster needs, except those that users write. */
export function secretFiles(topology: Topology): string[] {
  const certificates = [
    ...topology.databases.map(databaseSecrets),
    ...(topology.database.cluster
      ? topology.databases.flatMap((host) => [replicationSecrets(host), patroniSecrets(host)])
      : []),
    ...topology.quorum.map(etcdSecrets),
    ...(topology.database.external ? [] : topology.servers.map(serverSecrets)),
  ];
  const { recipients } = topology.database.backup;
  return [
    tokenFile,
    agentTokenFile,
    ...authorities(topology).flatMap(({ key, certificate }) => [key, certificate]),
    ...(recipients.includes(backupRecipient.certificate) ? Object.values(backupRecipient) : []),
    ...tokenCopies(topology),
    ...agentTokenCopies(topology),
    ...recipientCopies(topology),
    ...certificates.flatMap(({ folder, ca, certificate, key }) =>
      [ca, certificate, key].map((name) => `${folder}/${name}`),
    ),
  ];
}

export const firstBootFolder = `${secretsFolder}/first-boot` as const;

/** Where what a new machine boots with is, and the names that cloud-init looks for. */
export function firstBootFiles(host: string) {
  const folder = `${firstBootFolder}/${host}`;
  return {
    folder,
    hostKey: `${folder}/ssh_host_ed25519_key`,
    user: 'user-data',
    network: 'network-config',
    meta: 'meta-data',
  } as const;
}

/** All of them, which nothing but `init` reads. */
export function firstBootPaths({ hosts }: Pick<Topology, 'hosts'>): string[] {
  return hosts.flatMap(({ name }) => {
    const { folder, hostKey, user, network, meta } = firstBootFiles(name);
    return [hostKey, ...[user, network, meta].map((file) => `${folder}/${file}`)];
  });
}
