import { stepAddress } from '../model/step-address';
import type { Host, Topology } from '../model/topology';
import confirmRunsScript from './confirm-runs.sh';
import type { RemoteStep } from './remote-step';
import { sudo } from './step-commands';
import { escapeTemplate } from './template-literal';

/** Local of the stack that the commands refer to. */
export const confirmRunsLocal = { confirm_runs: escapeTemplate(confirmRunsScript.text) } as const;

/** A run of a step, as a Terraform expression: the ID of its resource. */
export function runOf({ address, description }: Pick<RemoteStep, 'address' | 'description'>): string {
  return `\${${address}${description.address === address ? '' : '[0]'}.id}`;
}

/**
 * Commands that fail unless the host has finished these runs of its steps.
 *
 * @param runs words `step=run`, a template of Terraform
 */
export function confirmRuns(
  { provisioner }: Pick<Topology, 'provisioner'>,
  host: Host,
  runs: string,
): string[] {
  return [
    sudo,
    `host=${host.name} address='${stepAddress(provisioner, host, '%s')}' runs='${runs}'`,
    '${local.confirm_runs}',
  ];
}
