import type { K3sConfig } from '../../../model/topology';

/** Keys that count only when a node registers; later changes are made on the node object, without a restart. */
const registrationKeys: readonly string[] = ['node-label', 'node-taint'];

/**
 * k3s's config.yaml. Values are JSON, which is YAML without ambiguous quoting; keys are unquoted where
 * possible.
 */
export function k3sConfig(config: K3sConfig): string {
  return render(config, (key) => !registrationKeys.includes(key));
}

/** Drop-in for the node's registration; empty when there is nothing. */
export function registrationConfig(config: K3sConfig): string {
  return render(config, (key) => registrationKeys.includes(key));
}

function render(config: K3sConfig, wanted: (key: string) => boolean): string {
  return Object.keys(config)
    .filter(wanted)
    .sort()
    .map((key) => `${isPlain(key) ? key : JSON.stringify(key)}: ${JSON.stringify(config[key])}\n`)
    .join('');
}

/** A word that YAML, even 1.1, takes for a text. */
function isPlain(key: string): boolean {
  return /^[a-z][a-z0-9-]*$/.test(key) && !/^(y|n|yes|no|on|off|true|false|null)$/.test(key);
}
