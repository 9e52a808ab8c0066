import type { Config } from '../config/config';
import { namedSecrets } from '../config/k3s-secrets';
import { nodeNetworks } from '../config/node-networks';
import { addressIn, urlHost } from '../net/address';
import { addons } from './addons';
import { apiEndpoint } from './api';
import { charts } from './charts';
import { backupHosts, database } from './database';
import { quorum } from './database-cluster';
import { deepFreeze } from './deep-freeze';
import { extraConfig } from './extra-config';
import { images } from './images';
import { metallb } from './metallb';
import { ownSteps } from './own-steps';
import { resolveProxy } from './proxy';
import { type HostKeys, sshPool } from './ssh';
import { storage } from './storage';
import type { Host, Network, Nfs, Topology } from './topology';

/**
 * Turns a valid config into the topology: pure, deterministic, deep-frozen.
 *
 * @param hostKeys the keys that hosts must present. Default: none are known
 */
export function resolve(config: Config, hostKeys: HostKeys = { hostKey: () => undefined }): Topology {
  const sshSettings = sshPool(config.ssh, hostKeys);
  const extraOf = extraConfig(config);
  const stepsOf = ownSteps(config);
  const registryFiles = Object.values(config.k3s.registries?.configs ?? {}).flatMap(({ tls }) =>
    Object.values(tls),
  );
  const hosts = config.hosts.map((host): Host => {
    const kind = kindOf(host.roles);
    const ssh = sshSettings(host.ssh);
    const extra = extraOf(host, kind);
    const hostKey = hostKeys.hostKey(host.address, ssh.port);
    return {
      name: host.name,
      address: host.address,
      ...(hostKey !== undefined && { hostKey }),
      nodeIps: host.nodeIps ?? [host.address],
      roles: host.roles,
      kind,
      ssh,
      disks: host.disks,
      packages: host.packages,
      steps: stepsOf(host),
      arch: host.arch,
      labels: { ...host.labels, ...(host.zone && { 'topology.kubernetes.io/zone': host.zone }) },
      taints: host.taints,
      extraConfig: extra,
      secretFiles: namedSecrets([...Object.values(extra), ...(kind === 'none' ? [] : registryFiles)]),
    };
  });
  const withRole = (hosts: readonly Host[], role: Host['roles'][number]) =>
    hosts.filter((host) => host.roles.includes(role));

  const databases = withRole(hosts, 'database');
  const servers = withRole(hosts, 'server');
  const agents = withRole(hosts, 'agent');
  const api = apiEndpoint(config, servers);
  const network = resolveNetwork(config, servers);
  const k3s: Topology['k3s'] = {
    version: config.k3s.version,
    ...(config.k3s.sha256 && { sha256: config.k3s.sha256 }),
    ...(config.k3s.artifacts !== undefined && { artifacts: config.k3s.artifacts }),
    ...(config.k3s.registries && { registries: config.k3s.registries }),
    serverPort: api.loadBalancer?.backendPort ?? api.port,
    maxUnavailable: maxUnavailable(config.k3s.maxUnavailable, agents.length),
    ...(config.k3s.hardening && { hardening: config.k3s.hardening }),
  };
  const proxy = resolveProxy(config, network);
  const nfs = resolveNfs(config, withRole(hosts, 'nfs')[0]);
  const volumes = storage(config.nfs, nfs);
  const loadBalancer = metallb(config.metallb);

  return deepFreeze({
    name: config.name,
    hosts,
    databases,
    backupHosts: backupHosts(config, databases, servers),
    quorum: quorum(servers, databases),
    servers,
    agents,
    nodes: [...servers, ...agents],
    api,
    network,
    k3s,
    database: database(config, databases, servers.length),
    ...(nfs && { nfs }),
    ...(volumes && { storage: volumes }),
    ...(loadBalancer && { metallb: loadBalancer }),
    openToPods: { nfs: config.nfs.openToPods, database: config.database.openToPods },
    addons: addons(config.addons),
    images: images(config),
    ...(config.images.mirror !== undefined && { imageMirror: config.images.mirror }),
    charts: charts(config),
    manifests: config.objects,
    patches: config.patches,
    ...(proxy && { proxy }),
    ...(config.watch && { watch: config.watch }),
    ...backendOf(config),
    provisioner: config.provisioner,
  });
}

function backendOf({ terraform }: Config): Pick<Topology, 'backend'> {
  const [[type, settings] = []] = Object.entries(terraform.backend ?? {});
  return type === undefined || settings === undefined ? {} : { backend: { type, settings } };
}

/** The k3s role of a host with these roles. */
export function kindOf(roles: Host['roles']): Host['kind'] {
  if (roles.includes('server')) return 'server';
  return roles.includes('agent') ? 'agent' : 'none';
}

function resolveNetwork(config: Config, servers: readonly Host[]): Network {
  const { pods, services } = config.network;
  return {
    nodes: nodeNetworks(config.network.nodes, servers[0]?.nodeIps ?? []),
    pods,
    services,
    // k3s's own default is the tenth address of the service network.
    clusterDns: services.map((service) => addressIn(service, 10)),
    dualStack: pods.length > 1,
  };
}

/** `10%` of 25 agents is 2; never less than one, or nothing could ever be restarted. */
function maxUnavailable(setting: number | string, agents: number): number {
  const count =
    typeof setting === 'number' ? setting : Math.floor((agents * Number.parseInt(setting, 10)) / 100);
  return Math.max(1, count);
}

function resolveNfs(config: Config, host: Host | undefined): Nfs | undefined {
  if (!host) return undefined;
  return {
    host,
    server: host.nodeIps[0] ?? urlHost(host.address),
    path: config.nfs.path,
    adopt: config.nfs.adopt,
  };
}
