import { count } from '../../status/figures';
import type { PlannedChanges } from '../../terraform/planned-changes';
import type { Only } from '../selected-hosts';

/** What happens on the hosts of interest, and to hosts that leave: these are no longer in cluster.yaml. */
export function changesOn(changes: PlannedChanges, only: Only): PlannedChanges {
  if (!only) return changes;
  const { steps, joining, leaving, dropped } = changes;
  const shown = new Set([...only, ...leaving]);
  return {
    ...changes,
    steps: steps.filter(({ host }) => shown.has(host)),
    joining: joining.filter((host) => shown.has(host)),
    dropped: dropped.filter(({ host }) => shown.has(host)),
  };
}

/** That more happens than is shown. */
export function elsewhere({ steps, joining, leaving, dropped }: PlannedChanges, only: Only): string[] {
  if (!only) return [];
  const all = [...joining, ...[...steps, ...dropped].map(({ host }) => host)];
  const others = new Set(all.filter((host) => !only.has(host) && !leaving.includes(host)));
  return others.size > 0 ? [`what happens on ${count(others.size, 'other host')} is not shown`] : [];
}
