import type { K3sConfig } from '../../model/topology';

/** Keys that count only when a node registers; later changes are made on the node object, without a restart. */
const registrationKeys: readonly string[] = ['node-label', 'node-taint'];

/** k3s's config.yaml. JSON values are YAML, and leave no question of quoting. */
export function k3sConfig(config: K3sConfig): string {
  return render(config, (key) => !registrationKeys.includes(key));
}

/** Drop-in with what the node registers with; empty when there is nothing. */
export function registrationConfig(config: K3sConfig): string {
  return render(config, (key) => registrationKeys.includes(key));
}

function render(config: K3sConfig, wanted: (key: string) => boolean): string {
  return Object.keys(config)
    .filter(wanted)
    .sort()
    .map((key) => `${key}: ${JSON.stringify(config[key])}\n`)
    .join('');
}
