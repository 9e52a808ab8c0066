import { argumentOf, cisArguments, cisKeys, type Requirement, type Requirements } from '../cis';
import type { Draft } from '../draft';
import type { Path } from '../path';
import { quote } from '../quote';
import { extraConfigs } from './k3s';
import type { Finding } from './rule';

/** The user's own settings take precedence; those that fall short of the benchmark are reported. */
export function* hardeningIsNotUndone(config: Draft): Iterable<Finding> {
  if (config.k3s?.hardening !== 'cis') return;
  for (const { path, values } of extraConfigs(config)) {
    for (const [key, value] of Object.entries(values)) {
      const requirement = own(cisKeys, key);
      if (requirement && !requirement.fulfilled(String(value)))
        yield undone([...path, key], `${key}: ${value}`, requirement);
      yield* undoneArguments([...path, key], value, own(cisArguments, key) ?? {});
    }
  }
}

function* undoneArguments(path: Path, value: unknown, requirements: Requirements): Iterable<Finding> {
  for (const [n, argument] of [value].flat().entries()) {
    const { name, value: given } = argumentOf(String(argument));
    const requirement = own(requirements, name);
    if (!requirement || requirement.fulfilled(given)) continue;
    yield undone(Array.isArray(value) ? [...path, n] : path, `${name}=${given}`, requirement);
  }
}

function undone(path: Path, setting: string, { control }: Requirement): Finding {
  return {
    path,
    severity: 'warning',
    message: `${quote(setting)} undoes a part of 'k3s.hardening: cis' (${/^\d/.test(control) ? `control ${control}` : control}): delete it, unless the cluster cannot do without`,
  };
}

function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** k3s would label files of containers according to a policy that is not loaded. */
export function* selinuxPolicyIsThere(config: Draft): Iterable<Finding> {
  for (const { path, values } of extraConfigs(config)) {
    if (values.selinux !== true) continue;
    yield {
      path: [...path, 'selinux'],
      target: 'key',
      severity: 'warning',
      message:
        "'selinux: true' needs the package 'k3s-selinux', which this tool does not install: install it on the nodes from Rancher's repository before the first apply, or delete this line",
    };
  }
}
