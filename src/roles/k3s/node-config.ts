import { merge } from '../../model/extra-config';
import { datastoreFiles } from '../../model/secrets';
import { isDefaultClass } from '../../model/storage';
import type { Host, K3sConfig, K3sConfigValue, Topology } from '../../model/topology';
import { canonicalAddress } from '../../net/address';
import { leaderElection } from './leader-election';

/** Where the files that the config refers to are on a host. */
const paths = {
  token: '/etc/rancher/k3s/token',
  agentToken: '/etc/rancher/k3s/agent-token',
  datastore: '/etc/rancher/k3s/datastore',
  authentication: '/etc/rancher/k3s/authentication.yaml',
} as const;

const configOfKind = { server: serverConfig, agent: agentConfig, none: () => ({}) } as const;

/** `/etc/rancher/k3s/config.yaml` on a host: k3s's keys and values; empty where it does not run. */
export function nodeConfig(topology: Topology, host: Host): K3sConfig {
  const config = merge(configOfKind[host.kind](topology, host), host.extraConfig);
  return Object.fromEntries(
    Object.entries(config).filter(([, value]) => !(Array.isArray(value) && value.length === 0)),
  );
}

/** Config of a server. Cluster-wide keys come out identical on all servers: k3s does not check that here. */
function serverConfig(topology: Topology, host: Host): K3sConfig {
  const { api, database, k3s, network } = topology;
  const { args: election } = leaderElection(topology);
  return {
    ...ofEveryNode(host),
    'https-listen-port': k3s.serverPort,
    'tls-san': unique([api.address, ...api.names]),
    'token-file': paths.token,
    'agent-token-file': paths.agentToken,
    'datastore-endpoint': database.endpoint,
    ...datastore(database),
    'cluster-cidr': network.pods.join(','),
    'service-cidr': network.services.join(','),
    'cluster-dns': network.clusterDns.join(','),
    disable: disabled(topology),
    // Lets the load balancer query only /readyz without a credential.
    'kube-apiserver-arg': [`authentication-config=${paths.authentication}`],
    'kube-controller-manager-arg': election,
    'kube-cloud-controller-manager-arg': election,
    'kube-scheduler-arg': election,
  };
}

const datastoreKeys = {
  'ca.crt': 'datastore-cafile',
  'client.crt': 'datastore-certfile',
  'client.key': 'datastore-keyfile',
} as const;

/** Only of files that there are. The password is in none of them: kine's driver reads it itself. */
function datastore(database: Topology['database']): Record<string, string> {
  return Object.fromEntries(
    datastoreFiles(database).flatMap(({ name }) =>
      name === 'password' ? [] : [[datastoreKeys[name], `${paths.datastore}/${name}`]],
    ),
  );
}

/** Config of an agent: it joins through the API endpoint. */
function agentConfig({ api }: Topology, host: Host): K3sConfig {
  return { ...ofEveryNode(host), server: api.url, 'token-file': paths.token };
}

function ofEveryNode({ name, nodeIps, labels, taints }: Host): Record<string, K3sConfigValue> {
  return {
    'node-name': name,
    'node-ip': nodeIps.join(','),
    'node-label': labelList(labels),
    'node-taint': taints,
  };
}

/** As k3s and kubectl write them: `disk=ssd`. */
export function labelList(labels: Host['labels']): string[] {
  return Object.entries(labels).map(([key, value]) => `${key}=${value}`);
}

/** Components of k3s that this tool replaces or the user switched off. */
function disabled({ metallb, storage, addons, manifests }: Topology): string[] {
  const replaced: [string, boolean][] = [
    ['servicelb', metallb !== undefined && !metallb.serviceLB],
    ['local-storage', (storage?.default ?? false) || manifests.some(isDefaultClass)],
    ['traefik', addons.traefik === undefined],
    ['metrics-server', !addons.metricsServer],
  ];
  return replaced.filter(([, off]) => off).map(([component]) => component);
}

function unique(values: readonly string[]): string[] {
  return [...new Map(values.map((value) => [canonicalAddress(value), value])).values()];
}
