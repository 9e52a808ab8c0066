import { secretsOnNode } from '../config/k3s-secrets';
import { passwordFiles } from './external-database';
import { offsiteSecrets } from './offsite';
import { agentSecrets, datastoreFiles, ownStepSecrets, secretsFolder, serverSecrets } from './secrets';
import type { Host, Topology } from './topology';
import { callsOf, watchOriginals, watchUpload } from './watch';

/** A secret that the user writes, and the copies of it that steps upload. Paths are as in secrets.ts. */
export interface UserSecret {
  readonly original: string;
  readonly copies: readonly string[];
  /** Nodes that do not start without it; none for an optional file. */
  readonly neededBy: readonly Host[];
  /** What a copy has instead of its text. @default - the same text */
  readonly as?: (text: string) => string;
  /** What it must be. @default - any text */
  readonly form?: 'certificate' | 'key' | 'password' | 'address' | 'variables';
}

/** k3s's registries.yaml with credentials, in the folder of a node's step. */
export const registriesName = 'registries.yaml';
export const registriesFile = `${secretsFolder}/${registriesName}`;

/** A user's file that the configuration of nodes refers to. */
export function nodeSecretsFile(name: string): string {
  return `${secretsFolder}/k3s/${name}`;
}

/** Where nodes have it. */
export function nodeSecretOnHost(name: string): string {
  return `${secretsOnNode}/${name}`;
}

/** Where its copy is in the folder of a node's step. */
export function nodeSecretPath(name: string): string {
  return `files/${name}`;
}

const forms = {
  'ca.crt': 'certificate',
  'client.crt': 'certificate',
  'client.key': 'key',
  password: 'password',
} as const;

/**
 * Every node's step looks for registries.yaml; of `secrets/k3s/` each server gets the files that it refers
 * to, all agents those that any of them refers to. The user's own steps have folders.
 */
export function userSecrets(topology: Topology): UserSecret[] {
  const { nodes, servers, database, hosts, watch } = topology;
  const folderOf = (host: Host) => (servers.includes(host) ? serverSecrets(host) : agentSecrets()).folder;
  const copies = (hosts: readonly Host[], name: string) => [
    ...new Set(hosts.map((host) => `${folderOf(host)}/${name}`)),
  ];
  const ofServers = (original: string, copy: string) => ({
    ...{ original, copies: copies(servers, copy), neededBy: servers },
  });
  const names = new Set(nodes.flatMap(({ secretFiles }) => secretFiles));
  return [
    // Uploaded from where they are.
    ...[...new Set(hosts.flatMap(({ steps }) => steps))].flatMap((step) =>
      step.secrets.map((name) => ({
        original: `${ownStepSecrets(step)}/${name}`,
        copies: [],
        neededBy: hosts.filter(({ steps }) => steps.includes(step)),
      })),
    ),
    {
      original: registriesFile,
      copies: copies(nodes, registriesName),
      neededBy: [],
    },
    ...[...names].sort().map((name) => {
      const neededBy = nodes.filter(({ secretFiles }) => secretFiles.includes(name));
      return {
        original: nodeSecretsFile(name),
        copies: copies(neededBy, nodeSecretPath(name)),
        neededBy,
      };
    }),
    ...datastoreFiles(database).flatMap(({ name, original, copy }) =>
      original === undefined ? [] : [{ ...ofServers(original, copy), form: forms[name] }],
    ),
    ...datastoreFiles(database).flatMap(({ name, original = '' }) =>
      (name === 'password' ? passwordFiles(database) : []).map(({ file, text }) => ({
        ...ofServers(original, `datastore-${file}`),
        // The original itself is reported once.
        neededBy: [],
        as: (password: string) => text(password.replace(/\r?\n$/, ''), database),
      })),
    ),
    ...offsiteSecrets(topology),
    ...(watch?.calls ?? []).map((call) => {
      const neededBy = hosts.filter((host) => callsOf(host, topology).includes(call));
      const copies = new Set(neededBy.map((host) => `${watchUpload(host)}/${call}`));
      return {
        ...{ original: watchOriginals[call], copies: [...copies], neededBy },
        form: 'address' as const,
      };
    }),
  ];
}
