import { argumentOf, cisArguments, cisKeys } from '../config/cis';
import type { Config } from '../config/config';
import type { K3sConfig, K3sConfigValue } from './topology';

/** Keys of k3s for a benchmark; agents know some of them. */
export function hardening(benchmark: Config['k3s']['hardening']): K3sConfig {
  if (benchmark === undefined) return {};
  const set = Object.entries(cisKeys).flatMap(([key, { value }]) =>
    value === undefined ? [] : [[key, value]],
  );
  const lists = Object.entries(cisArguments).map(([key, requirements]) => [
    key,
    Object.entries(requirements).flatMap(([name, { value }]) =>
      value === undefined ? [] : `${name}=${value}`,
    ),
  ]);
  return Object.fromEntries([...set, ...lists]);
}

/**
 * Whether a list of arguments overrides one. k3s passes a repeated argument twice, sorted, and it is chance
 * which one counts; `name+=value` extends the existing value.
 */
export function replaces(list: Arguments, argument: Arguments[number]): boolean {
  const name = argumentOf(argument).name.replace(/[+-]$/, '');
  return list.some((other) => argumentOf(other).name === name);
}

type Arguments = readonly (string | number | boolean)[];

/** Whether this node's kubelet exits if kernel settings are not as it needs, instead of setting them. */
export function wantsKernelSettings(config: K3sConfig = {}): boolean {
  if (String(config['protect-kernel-defaults']) === 'true') return true;
  return list(config['kubelet-arg']).some((argument) => {
    const { name, value } = argumentOf(argument);
    return name === 'protect-kernel-defaults' && value === 'true';
  });
}

function list(value: K3sConfigValue = []): Arguments {
  return [value].flat();
}
