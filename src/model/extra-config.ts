import type { Config, HostConfig } from '../config/config';
import { agentKeys } from '../config/k3s-keys';
import { hardening, replaces } from './hardening';
import type { Host, K3sConfig, K3sConfigValue } from './topology';

/**
 * Lists that are extended: by those of `k3s.config`, then by those of the host. The last one to set an
 * argument wins.
 */
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
 * The configuration of k3s on a host from cluster.yaml: for the benchmark, for all nodes, and for this one.
 */
export function extraConfig({ k3s }: Config): (host: HostConfig, kind: Host['kind']) => K3sConfig {
  const forAll = merge(hardening(k3s.hardening), k3s.config);
  const forAgents = merge(agentPart(hardening(k3s.hardening)), agentPart(k3s.config));
  return ({ config }, kind) => (kind === 'none' ? {} : merge(kind === 'agent' ? forAgents : forAll, config));
}

/** The value in cluster.yaml of a k3s key that this tool leaves alone. */
export function extraSetting(host: Host | undefined, key: string): K3sConfigValue | undefined {
  return host?.extraConfig[key];
}

/** Later maps take precedence, and extend lists. */
export function merge(...configs: readonly K3sConfig[]): K3sConfig {
  const merged: Record<string, K3sConfigValue> = {};
  for (const [key, value] of configs.flatMap((map) => Object.entries(map))) {
    const before = merged[key];
    const list = [value].flat();
    merged[key] =
      appended.has(key) && before !== undefined
        ? [...[before].flat().filter((argument) => !replaces(list, argument)), ...list]
        : value;
  }
  return merged;
}

/** `k3s.config` is for servers and agents; an agent refuses to start on a key that only servers know. */
function agentPart(config: K3sConfig): K3sConfig {
  return Object.fromEntries(Object.entries(config).filter(([key]) => agentKeys.has(key)));
}
