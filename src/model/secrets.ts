import type { Host, Topology } from './topology';

/** Paths of this file are relative to the folder of cluster.yaml and use `/`. */
export const secretsFolder = 'secrets';

/** The token of k3s; the folders of the steps hold copies. */
export const tokenFile = `${secretsFolder}/k3s-token`;

/** The private CA of the database. Only its certificate leaves the operator's machine. */
export const databaseCa = {
  certificate: `${secretsFolder}/database-ca.crt`,
  key: `${secretsFolder}/database-ca.key`,
} as const;

/** Secret files of one host step: `folder` is uploaded as a whole, its files are named relative to it. */
export interface SecretFolder {
  readonly folder: string;
  /** Files whose change makes the step run again: certificates and random tokens, whose hash tells nothing. */
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

/** What the database step of a host uploads. */
export function databaseSecrets(host: Pick<Host, 'name'>): CertificateFolder {
  const files = { ca: 'ca.crt', certificate: 'server.crt', key: 'server.key' };
  return {
    folder: `${secretsFolder}/hosts/${host.name}/database`,
    ...files,
    hashed: [files.ca, files.certificate],
  };
}

/** What the k3s step of a server uploads. */
export function serverSecrets(host: Pick<Host, 'name'>): CertificateFolder & TokenFolder {
  const files = {
    token: 'token',
    ca: 'datastore-ca.crt',
    certificate: 'datastore-client.crt',
    key: 'datastore-client.key',
  };
  return {
    folder: `${secretsFolder}/hosts/${host.name}/k3s`,
    ...files,
    hashed: [files.token, files.ca, files.certificate],
  };
}

/** What the k3s step of every agent uploads: one folder for all, so that a thousand agents need one copy. */
export function agentSecrets(): TokenFolder {
  return { folder: `${secretsFolder}/agents/k3s`, token: 'token', hashed: ['token'] };
}

/** Every copy of the token that the steps of this cluster upload. */
export function tokenCopies(topology: Topology): string[] {
  const folders: TokenFolder[] = topology.servers.map(serverSecrets);
  if (topology.agents.length > 0) folders.push(agentSecrets());
  return folders.map(({ folder, token }) => `${folder}/${token}`);
}

/** Every secret file that this cluster needs. */
export function secretFiles(topology: Topology): string[] {
  const certificates = [...topology.databases.map(databaseSecrets), ...topology.servers.map(serverSecrets)];
  return [
    tokenFile,
    databaseCa.key,
    databaseCa.certificate,
    ...tokenCopies(topology),
    ...certificates.flatMap(({ folder, ca, certificate, key }) =>
      [ca, certificate, key].map((name) => `${folder}/${name}`),
    ),
  ];
}
