import type { TerraformStack } from 'cdktf';
import { finishedName, stepAddress } from '../model/step-address';
import type { Host, Topology } from '../model/topology';
import { connection } from './connection';
import { leaveOutDeferred } from './leave-out-deferred';
import { PlainResources, TerraformData } from './plain-resources';
import type { RemoteStep } from './remote-step';
import { sudo } from './step-commands';
import { escapeTemplate } from './template-literal';

/**
 * A mark in the state for each host: the runs of its steps that the host has confirmed. Terraform records a step as
 * created before its provisioners run, and writes the whole state whenever any resource is finished: killed between
 * the two, it believes that a step ran which never did. But then the mark is of other runs, so the next apply, from
 * whatever machine, asks the host which runs it has finished (start.sh), and fails if one is missing. `k3s-cdk deploy`
 * asks before it plans, and repeats those.
 */
export function addFinished(stack: TerraformStack, topology: Topology, steps: readonly RemoteStep[]): void {
  for (const host of topology.hosts) {
    const own = steps.filter(({ description }) => description.host === host.name);
    const resource = new TerraformData(stack, `${host.name}-finished`, {
      attributes: {
        triggers_replace: Object.fromEntries(own.map((step) => [step.description.step, runOf(step)])),
      },
      connection: connection(host),
      provisioners: [{ type: 'remote-exec', inline: confirm(topology, host) }],
    });
    leaveOutDeferred(resource, host);
    resource.overrideLogicalId(finishedName(host.name));
    PlainResources.of(stack).add(resource);
  }
}

function runOf({ address, description }: RemoteStep): string {
  return `\${${address}${description.address === address ? '' : '[0]'}.id}`;
}

/** Runs as words `step=run`. */
const runs = '${join(" ", [for step, run in self.triggers_replace : "${step}=${run}"])}';

function confirm({ provisioner }: Topology, host: Host): string[] {
  const address = stepAddress(provisioner, host, '\0').split('\0').join('$step');
  const script = `missing=''
for run in $runs; do
  step=\${run%%=*}
  $sudo grep -qxF "\${run#*=}" "/var/lib/k3s-cdk/runs/$step" || missing="$missing '-replace=${address}'"
done
[ -z "$missing" ] || {
  echo "error: ${host.name}: Terraform was killed before this host had finished all that the state says: run 'k3s-cdk deploy', which repeats it, or apply again with$missing" >&2
  exit 1
}`;
  return ['set -eu', sudo, `runs='${runs}'`, escapeTemplate(script)];
}
