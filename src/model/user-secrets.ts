import { secretsOnNode } from '../config/k3s-secrets';
import { agentSecrets, secretsFolder, serverSecrets } from './secrets';
import type { Host, Topology } from './topology';

/** A secret that the user writes, and the copies of it that steps upload. Paths are as in secrets.ts. */
export interface UserSecret {
  readonly original: string;
  readonly copies: readonly string[];
  /** Nodes that do not start without it; none for an optional file. */
  readonly neededBy: readonly Host[];
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

/**
 * Every node's step looks for registries.yaml; of `secrets/k3s/` each server gets the files that it refers
 * to, all agents those that any of them refers to.
 */
export function userSecrets({ nodes, servers }: Topology): UserSecret[] {
  const folderOf = (host: Host) => (servers.includes(host) ? serverSecrets(host) : agentSecrets()).folder;
  const copies = (hosts: readonly Host[], name: string) => [
    ...new Set(hosts.map((host) => `${folderOf(host)}/${name}`)),
  ];
  const names = new Set(nodes.flatMap(({ secretFiles }) => secretFiles));
  return [
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
  ];
}
