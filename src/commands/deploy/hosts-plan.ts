import { blankDiskText, reportedDisk } from '../../preflight/blank-disk';
import type { PlannedChanges } from '../../terraform/planned-changes';
import type { Only } from '../selected-hosts';
import { changesOn, elsewhere } from './changes-on';
import { blankDisksOf } from './check-hosts';
import { deadHosts } from './dead-hosts';
import type { Deployment } from './deployment';
import type { HostsStage } from './hosts-stage';
import { planLines } from './plan-lines';

/** What a deploy would do on hosts, asking those that it would format or that leave; reports it, too. */
export async function hostsPlan(
  all: PlannedChanges,
  { steps, applied }: HostsStage,
  { only, now }: { readonly only: Only; readonly now: Date },
  deployment: Deployment,
): Promise<string[]> {
  const changes = changesOn(all, only);
  const { terminal, topology } = deployment;
  const dead = await deadHosts(changes, deployment);
  const { blankDisks, unknown } = await blankDisksOf(changes, now, deployment);
  terminal.report({ blankDisks: blankDisks.map(reportedDisk) });
  return [
    ...planLines(changes, { topology, steps }, applied, dead),
    ...blankDisks.map(blankDiskText),
    ...unknown,
    ...elsewhere(all, only),
  ];
}
