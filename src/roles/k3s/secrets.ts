import { agentTokenFile, datastoreFiles, secretsFolder, serverSecrets, tokenFile } from '../../model/secrets';
import type { Host, Topology } from '../../model/topology';
import { nodeSecretOnHost, nodeSecretsFile, registriesFile } from '../../model/user-secrets';
import { isText, isToken, type PlacedSecret, placed, placedPair } from '../placed-secret';

const etc = '/etc/rancher/k3s';

/** Secrets that the step of k3s has put on a node. */
export function nodeSecrets(topology: Topology, host: Host): PlacedSecret[] {
  return [
    ...(topology.servers.includes(host)
      ? [
          placed(`${etc}/token`, tokenFile, isToken),
          placed(`${etc}/agent-token`, agentTokenFile, isToken),
          ...datastoreSecrets(topology, host),
          // Without credentials it comes from cluster.yaml.
          ...(topology.k3s.registries === undefined
            ? [placed(`${etc}/registries.yaml`, registriesFile, isText)]
            : []),
        ]
      : []),
    ...ownFiles(topology, host).map((name) => placed(nodeSecretOnHost(name), nodeSecretsFile(name), isText)),
  ];
}

/** What users have written is theirs again; what `init` has made goes back to where it is. */
function datastoreSecrets({ database }: Topology, host: Host): PlacedSecret[] {
  const folder = `${etc}/datastore`;
  if (!database.external) return placedPair(folder, 'client', serverSecrets(host));
  return datastoreFiles(database).flatMap(({ name, original }) =>
    !original?.startsWith(`${secretsFolder}/`) ? [] : [placed(`${folder}/${name}`, original, isText)],
  );
}

/** Agents are not asked for what servers have, too: their answer would get to the servers. */
function ownFiles({ servers }: Topology, host: Host): string[] {
  if (servers.includes(host)) return [...host.secretFiles];
  const ofServers = new Set(servers.flatMap(({ secretFiles }) => secretFiles));
  return host.secretFiles.filter((name) => !ofServers.has(name));
}
