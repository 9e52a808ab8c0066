import { canonicalAddress } from '../net/address';
import { extraSetting } from './extra-config';
import type { K3sConfigValue, Topology } from './topology';

/** Settings that a running cluster cannot change, by their names in cluster.yaml. */
export type FixedSettings = Readonly<Record<(typeof kept)[number] | (typeof ofRunning)[number], string>>;

/** These are kept in the datastore: they survive a `destroy`, as data does. */
const kept = ['network.pods', 'network.services', 'k3s.config.secrets-encryption'] as const;
const ofRunning = ['k3s.config.cluster-domain', 'k3s.config.flannel-backend'] as const;

/**
 * Values in characters that have no special meaning in a shell or Terraform; k3s's own defaults are filled
 * in.
 */
export function fixedSettings({ network, servers: [server] }: Topology): FixedSettings {
  const k3s = <K extends string>(key: K, usual: string) =>
    ({
      [`k3s.config.${key}`]: plain(extraSetting(server, key) ?? usual),
    }) as Record<`k3s.config.${K}`, string>;
  return {
    'network.pods': networks(network.pods),
    'network.services': networks(network.services),
    ...k3s('secrets-encryption', 'false'),
    ...k3s('cluster-domain', 'cluster.local'),
    ...k3s('flannel-backend', 'vxlan'),
  };
}

/** The settings of the data, as words `name=value`. */
export function settingsOfData(topology: Topology): string {
  const all = fixedSettings(topology);
  return settingsText(Object.fromEntries(kept.map((name) => [name, all[name]])));
}

export function settingsText(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

/** A network always has the same spelling, whatever cluster.yaml has. */
function networks(list: readonly string[]): string {
  return list
    .map((network) => {
      const [address = '', length] = network.split('/');
      return `${canonicalAddress(address)}/${length}`;
    })
    .join(',');
}

function plain(value: K3sConfigValue): string {
  return [value]
    .flat()
    .join(',')
    .replace(/[^\w@%+=:,./-]/g, '_');
}
