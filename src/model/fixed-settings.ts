import { canonicalAddress } from '../net/address';
import { extraSetting } from './extra-config';
import type { K3sConfigValue, Topology } from './topology';

/** What a cluster that runs cannot change, by its name in cluster.yaml. */
export type FixedSettings = Readonly<Record<(typeof kept)[number] | (typeof ofRunning)[number], string>>;

/** The datastore holds on to these: they outlast a `destroy`, as data does. */
const kept = ['network.pods', 'network.services', 'k3s.config.secrets-encryption'] as const;
const ofRunning = ['k3s.config.cluster-domain', 'k3s.config.flannel-backend'] as const;

/** Values in the characters that are the same in a shell and in Terraform; k3s's own defaults are filled in. */
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

/** Those that the data was made with, as words `name=value`. */
export function settingsOfData(topology: Topology): string {
  const all = fixedSettings(topology);
  return settingsText(Object.fromEntries(kept.map((name) => [name, all[name]])));
}

export function settingsText(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

/** One network is written one way, however cluster.yaml spells it. */
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
