import type { TerraformStack } from 'cdktf';
import { finishedName } from '../model/step-address';
import type { Host, Topology } from '../model/topology';
import { confirmRuns, runOf } from './confirm-runs';
import { connection } from './connection';
import { leaveOutDeferred } from './leave-out-deferred';
import { PlainResources, TerraformData } from './plain-resources';
import type { RemoteStep } from './remote-step';

/**
 * A mark in the state for each host: the runs of its steps that the host has confirmed. Terraform records a step as
 * created before its provisioners run, and writes the whole state whenever any resource is finished: killed between
 * the two, it believes that a step ran which never did. But then the mark is of other runs, so the next apply, from
 * whatever machine, asks the host which runs it has finished (start.sh), and fails if one is missing; a step on top of one asks before it begins. `k3s-cdk deploy`
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

/** Runs as words `step=run`. */
const runs = '${join(" ", [for step, run in self.triggers_replace : "${step}=${run}"])}';

function confirm(topology: Topology, host: Host): string[] {
  return ['set -eu', ...confirmRuns(topology, host, runs)];
}
