import type { Config, HostConfig } from '../config/config';
import { agentKeys } from '../config/k3s-keys';
import { canonicalAddress } from '../net/address';
import { hardening, replaces } from './hardening';
import type {
  ApiEndpoint,
  Database,
  Host,
  K3s,
  K3sConfig,
  K3sConfigValue,
  LeaderElection,
  Network,
} from './topology';

/** What the config of every node depends on. */
export interface ClusterFacts {
  readonly config: Config;
  readonly api: ApiEndpoint;
  readonly network: Network;
  readonly k3s: K3s;
  readonly database: Database;
}

/** Where the files that the config names lie on a host. */
export const paths = {
  token: '/etc/rancher/k3s/token',
  agentToken: '/etc/rancher/k3s/agent-token',
  datastoreCa: '/etc/rancher/k3s/datastore/ca.crt',
  datastoreCertificate: '/etc/rancher/k3s/datastore/client.crt',
  datastoreKey: '/etc/rancher/k3s/datastore/client.key',
  authentication: '/etc/rancher/k3s/authentication.yaml',
} as const;

/** Lists that are extended: by those of `k3s.config`, then by those of the host. The last one to set an argument has it. */
const appended = new Set([
  'kube-apiserver-arg',
  'kube-cloud-controller-manager-arg',
  'kube-controller-manager-arg',
  'kube-proxy-arg',
  'kube-scheduler-arg',
  'kubelet-arg',
  'tls-san',
]);

/**
 * How the components of Kubernetes agree on who of several servers works.
 *
 * One that cannot renew its lease in time ends, and k3s with it; by default after 10 s. A single server has nobody to hand
 * over to: it would only start again, and then wait for its own old lease. k3s does without election there too, when its
 * datastore is SQLite. Another database host takes longer than 10 s to become the primary; the price of long leases is that
 * the components of a server that is lost are taken over after a minute.
 */
export function leaderElection(databases: number, servers: number): LeaderElection {
  if (servers === 1) return 'none';
  return databases > 1 ? 'long leases' : 'usual';
}

const leaderElectionArguments: Readonly<Record<LeaderElection, readonly string[]>> = {
  none: ['leader-elect=false'],
  'long leases': [
    'leader-elect-lease-duration=60s',
    'leader-elect-renew-deadline=50s',
    'leader-elect-retry-period=5s',
  ],
  usual: [],
};

/** Long leases for the controllers of k3s itself, which know the environment only, and always elect. */
export const leaderElectionEnvironment = {
  CATTLE_ELECTION_LEASE_DURATION: '60s',
  CATTLE_ELECTION_RENEW_DEADLINE: '50s',
} as const;

/** Config of a server. Cluster-wide keys come out identical on all servers: k3s does not check that here. */
export function serverConfig(facts: ClusterFacts, hostConfig: HostConfig, host: Host): K3sConfig {
  const { api, database, k3s, network } = facts;
  const election = leaderElectionArguments[k3s.leaderElection];
  return merge(
    {
      ...nodeConfig(hostConfig, host),
      'https-listen-port': k3s.serverPort,
      'tls-san': unique([api.address, ...api.names]),
      'token-file': paths.token,
      'agent-token-file': paths.agentToken,
      'datastore-endpoint': database.endpoint,
      'datastore-cafile': paths.datastoreCa,
      'datastore-certfile': paths.datastoreCertificate,
      'datastore-keyfile': paths.datastoreKey,
      'cluster-cidr': network.pods.join(','),
      'service-cidr': network.services.join(','),
      'cluster-dns': network.clusterDns.join(','),
      disable: disabled(facts.config),
      // Lets the load balancer ask /readyz without a credential, and nothing else.
      'kube-apiserver-arg': [`authentication-config=${paths.authentication}`],
      'kube-controller-manager-arg': election,
      'kube-cloud-controller-manager-arg': election,
      'kube-scheduler-arg': election,
    },
    hardening(facts.config.k3s.hardening),
    facts.config.k3s.config,
    hostConfig.config,
  );
}

/** Config of an agent: it joins through the API endpoint. */
export function agentConfig(facts: ClusterFacts, hostConfig: HostConfig, host: Host): K3sConfig {
  const own = { ...nodeConfig(hostConfig, host), server: facts.api.url, 'token-file': paths.token };
  const { hardening: benchmark, config } = facts.config.k3s;
  return merge(own, forAgents(hardening(benchmark)), forAgents(config), hostConfig.config);
}

function nodeConfig(hostConfig: HostConfig, host: Host): Record<string, K3sConfigValue> {
  const labels = {
    ...hostConfig.labels,
    ...(hostConfig.zone && { 'topology.kubernetes.io/zone': hostConfig.zone }),
  };
  return {
    'node-name': host.name,
    'node-ip': host.nodeIps.join(','),
    'node-label': Object.entries(labels).map(([key, value]) => `${key}=${value}`),
    'node-taint': hostConfig.taints,
  };
}

/** Components of k3s that this tool replaces or the user switched off. */
function disabled(config: Config): string[] {
  const replaced: [string, boolean][] = [
    ['servicelb', config.metallb !== undefined],
    ['local-storage', config.nfs.default && hasNfsServer(config)],
    ['traefik', config.addons.ingress === 'none'],
    ['metrics-server', !config.addons.metricsServer],
  ];
  return replaced.filter(([, off]) => off).map(([component]) => component);
}

function hasNfsServer(config: Config): boolean {
  return config.nfs.external !== undefined || config.hosts.some((host) => host.roles.includes('nfs'));
}

/** `k3s.config` is for servers and agents; an agent refuses to start on a key that only servers know. */
function forAgents(config: K3sConfig): K3sConfig {
  return Object.fromEntries(Object.entries(config).filter(([key]) => agentKeys.has(key)));
}

/** Later maps win, and extend lists. Empty lists are left out. */
function merge(own: Record<string, K3sConfigValue>, ...extra: K3sConfig[]): K3sConfig {
  const merged: Record<string, K3sConfigValue> = { ...own };
  for (const [key, value] of extra.flatMap((map) => Object.entries(map))) {
    const before = merged[key];
    const list = [value].flat();
    merged[key] =
      appended.has(key) && before !== undefined
        ? [...[before].flat().filter((argument) => !replaces(list, argument)), ...list]
        : value;
  }
  return Object.fromEntries(
    Object.entries(merged).filter(([, value]) => !(Array.isArray(value) && value.length === 0)),
  );
}

function unique(values: readonly string[]): string[] {
  return [...new Map(values.map((value) => [canonicalAddress(value), value])).values()];
}
