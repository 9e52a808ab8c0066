import type { Topology } from '../model/topology';
import type { Effect } from '../roles/effect';
import { outages } from '../roles/outages';
import { effectsOf } from '../roles/roles';
import type { FileDifference } from '../terraform/applied-files';
import type { PlannedStep } from '../terraform/planned-changes';

/**
 * What a step that runs again does to what runs on its host.
 *
 * @param files those that differ; undefined when that is not known
 */
export function changeEffects(
  topology: Topology,
  { host: name, step, kind, triggers }: PlannedStep,
  files: readonly FileDifference[] = [],
): Effect[] {
  const host = topology.hosts.find((each) => each.name === name);
  if (!host || kind !== 'again') return [];
  const changed = new Set([
    ...triggers.map((trigger) => (trigger.name === 'version' ? 'VERSION' : trigger.name)),
    ...files.map((file) => file.name),
    ...files.filter((file) => file.name === 'step.env').flatMap(changedParameters),
  ]);
  return effectsOf(host, step, topology).filter(
    ({ of, unless = [] }) =>
      of.some((input) => changed.has(input)) && !unless.some((input) => changed.has(input)),
  );
}

/** As a sentence, with the outage that was measured. */
export function effectText({ does, outage }: Effect): string {
  return outage ? `${does}; expected outage of the API: ${outages[outage]} (measured: ${outage})` : does;
}

/** Names of parameters whose lines differ. */
function changedParameters({ before = '', after = '' }: FileDifference): string[] {
  const [old, now] = [before, after].map((text) => text.split('\n'));
  const differing = [
    ...(old ?? []).filter((line) => !now?.includes(line)),
    ...(now ?? []).filter((line) => !old?.includes(line)),
  ];
  return differing.flatMap((line) => /^(\w+)=/.exec(line)?.[1] ?? []);
}
