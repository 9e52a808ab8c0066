import type { TerraformStack } from 'cdktf';
import { LastApplied } from '../../hosts/last-applied';
import type { RemoteStep } from '../../hosts/remote-step';
import type { Topology } from '../../model/topology';

/** Terraform variable that allows any version, once. */
const override = 'any_k3s_version';

/** For k3s's steps: what the guard knows, as Terraform expressions that are not triggers. */
export const versionGuardEnv = {
  LAST_VERSION: 'local.k3s_version_last',
  ANY_VERSION: `var.${override}`,
} as const;

/**
 * Refuses, at plan time, to downgrade k3s and to skip a minor version.
 *
 * What ran last is recorded when every node has finished its rollout: after an upgrade that failed half-way, the version
 * before is not a downgrade. Where nothing is recorded, the hosts compare with what runs there.
 */
export function guardK3sVersion(
  stack: TerraformStack,
  topology: Topology,
  steps: readonly RemoteStep[],
): void {
  const { version } = topology.k3s;
  const lastApplied = new LastApplied(stack, topology, 'k3s-version', 'v[0-9.]+\\+k3s[0-9]+');
  const last = lastApplied.value;
  const wanted = numbersOf(version);
  const allowed = (condition: string) => `\${var.${override} || ${condition}}`;
  const anyway = `apply once with TF_VAR_${override}=true in the environment`;

  stack.addOverride(`variable.${override}`, {
    type: 'bool',
    default: false,
    description: 'Lets k3s go back to an older version, or skip a minor version, this once.',
  });
  const part = (index: number) => `tonumber(local.k3s_last_parts[${index}])`;
  const locals = {
    k3s_last_parts: `\${try(regex("^v(\\\\d+)\\\\.(\\\\d+)\\\\.(\\\\d+)\\\\+k3s(\\\\d+)$", ${last}), ["0", "0", "0", "0"])}`,
    k3s_last_rank: `\${((${part(0)} * 1000 + ${part(1)}) * 1000 + ${part(2)}) * 1000 + ${part(3)}}`,
    k3s_last_minor: `\${${part(0)} * 1000 + ${part(1)}}`,
  };
  for (const [name, value] of Object.entries(locals)) stack.addOverride(`locals.${name}`, value);

  lastApplied.record({
    text: version,
    after: steps,
    preconditions: [
      {
        condition: allowed(`local.k3s_last_rank <= ${rank(wanted)}`),
        errorMessage: `k3s \${${last}} runs in this cluster, and there is no way back to ${version}: the newer release has written to the database what the older one may not read. Set 'k3s.version' to \${${last}} or later; if you must, make a backup and ${anyway}.`,
      },
      {
        condition: allowed(`${last} == "" || ${minorRank(wanted)} <= local.k3s_last_minor + 1`),
        errorMessage: `k3s \${${last}} runs in this cluster, and ${version} skips a minor version: Kubernetes supports one step at a time, older releases of its components do not understand newer objects. Set 'k3s.version' to a release of the minor version after \${${last}} first; if you must, make a backup and ${anyway}.`,
      },
    ],
  });
}

/** Major, minor, patch and k3s's own number. */
function numbersOf(version: string): readonly number[] {
  return (/^v(\d+)\.(\d+)\.(\d+)\+k3s(\d+)$/.exec(version) ?? []).slice(1).map(Number);
}

function rank([major = 0, minor = 0, patch = 0, build = 0]: readonly number[]): number {
  return ((major * 1000 + minor) * 1000 + patch) * 1000 + build;
}

function minorRank([major = 0, minor = 0]: readonly number[]): number {
  return major * 1000 + minor;
}
