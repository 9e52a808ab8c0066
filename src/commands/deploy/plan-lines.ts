import type { AppliedObject } from '../../kubectl/applied-objects';
import { type ObjectName, objectText } from '../../kubectl/objects';
import { nameList, together } from '../../model/host-groups';
import type { HostStep } from '../../model/host-step';
import type { AppliedFiles, FileDifference } from '../../terraform/applied-files';
import type { PlannedChanges, PlannedStep, TriggerChange } from '../../terraform/planned-changes';

/** More lines of one file than this are for a diff tool. */
const shownLines = 12;

/**
 * What an apply is going to do on the hosts, in words, grouped by hosts that do the same for the same reason.
 */
export function planLines(
  changes: PlannedChanges,
  stack: readonly HostStep[],
  applied: AppliedFiles,
): string[] {
  const { joining, leaving, dropped } = changes;
  const gone = new Set(leaving);
  const lines = leavingLines(changes);
  const left = dropped.filter(({ host }) => !gone.has(host));
  for (const [hosts, step] of byStep(left)) {
    const have = hosts.length === 1 ? 'has' : 'have';
    lines.push(
      `${nameList(hosts)} no longer ${have} the step '${step}'; what it did before stays on the ${hosts.length === 1 ? 'host' : 'hosts'}`,
    );
  }
  // Everything runs there, and why is clear.
  const fresh = new Set(joining);
  const ordered = inStackOrder(changes.steps, stack);
  for (const [hosts, steps] of freshHosts(ordered.filter(({ host }) => fresh.has(host))))
    lines.push(`${nameList(hosts)} ${hosts.length === 1 ? 'is' : 'are'} new: ${steps}`);
  const others = ordered.filter(({ host }) => !fresh.has(host));
  for (const { step, hosts, reason } of byReason(others, stack, applied))
    lines.push(`${step} on ${nameList(hosts)}`, ...reason.split('\n').map((line) => `    ${line}`));
  return lines;
}

/** What happens to hosts that leave. */
export function leavingLines({ leaving, renamed }: Pick<PlannedChanges, 'leaving' | 'renamed'>): string[] {
  return together(leaving, (host) => renamed.get(host) ?? '').map((hosts) => {
    const name = renamed.get(hosts[0] ?? '');
    const [leave, node] = hosts.length === 1 ? ['leaves', 'its node is'] : ['leave', 'their nodes are'];
    const before = name === undefined ? '' : ` before its machine becomes ${name}`;
    return `${nameList(hosts)} ${leave} the cluster${before}: ${node} drained and deleted, k3s is uninstalled; data of the database and of NFS stays`;
  });
}

/** In the order of the stack, which is roughly that of the apply. */
export function inStackOrder(steps: readonly PlannedStep[], stack: readonly HostStep[]): PlannedStep[] {
  const order = new Map(stack.map(({ host, step }, index) => [`${host} ${step}`, index]));
  const place = ({ host, step }: PlannedStep) => order.get(`${host} ${step}`) ?? order.size;
  return [...steps].sort((a, b) => place(a) - place(b));
}

/** Hosts with the same steps together. */
function freshHosts(steps: readonly PlannedStep[]): [hosts: string[], steps: string][] {
  const namesOf = (own: readonly PlannedStep[]) => own.map(({ step }) => step).join(', ');
  return together(
    together(steps, ({ host }) => host),
    namesOf,
  ).map((alike) => [alike.flatMap(([first]) => first?.host ?? []), namesOf(alike[0] ?? [])]);
}

function byStep(steps: PlannedChanges['dropped']): [hosts: string[], step: string][] {
  return together(steps, ({ step }) => step).map((alike) => [
    alike.map(({ host }) => host),
    alike[0]?.step ?? '',
  ]);
}

interface Reason {
  readonly step: string;
  readonly hosts: readonly string[];
  readonly reason: string;
}

function byReason(
  steps: readonly PlannedStep[],
  stack: readonly HostStep[],
  applied: AppliedFiles,
): Reason[] {
  const described = new Map(stack.map((each) => [`${each.host} ${each.step}`, each]));
  const reasons = steps.map((planned) => {
    const step = described.get(`${planned.host} ${planned.step}`);
    return { ...planned, reason: reasonOf(planned, step && applied.differences(step)) };
  });
  return together(reasons, ({ step, reason }) => `${step} ${reason}`).map((alike) => ({
    step: alike[0]?.step ?? '',
    hosts: alike.map(({ host }) => host),
    reason: alike[0]?.reason ?? '',
  }));
}

function reasonOf({ kind, triggers }: PlannedStep, files: FileDifference[] | undefined): string {
  if (kind === 'first') return 'runs for the first time';
  if (kind === 'repeat') return 'did not finish last time';
  return triggers.flatMap((trigger) => triggerText(trigger, files)).join('\n');
}

function triggerText({ name, before, after }: TriggerChange, files: FileDifference[] | undefined): string[] {
  const isScript = (file: FileDifference) => file.name.endsWith('.sh');
  switch (name) {
    case 'script': {
      const scripts = files?.filter(isScript).map((file) => file.name) ?? [];
      return [`its script has changed${scripts.length > 0 ? `: ${scripts.join(', ')}` : ''}`];
    }
    case 'config': {
      const others = files?.filter((file) => !isScript(file)) ?? [];
      return others.length > 0 ? others.flatMap(fileText) : ['its configuration has changed'];
    }
    case 'address':
    case 'version':
      return [`${name} ${before ?? 'none'} → ${after ?? 'none'}`];
    case 'token':
      return ['the token of the cluster has changed'];
    // The count of unfinished runs.
    case 'unfinished':
      return ['did not finish last time'];
    case 'machine':
      return ['another machine answers there now, by its host key'];
    case 'registries':
      return ['the credentials of registries have changed'];
    default:
      return [`${name} has changed`];
  }
}

function fileText({ name, before, after }: FileDifference): string[] {
  if (after === undefined) return [`${name} goes`];
  if (before === undefined) return [`${name} is new`];
  const [old, now] = [before.split('\n'), after.split('\n')];
  const lines = [
    ...old.filter((line) => !now.includes(line)).map((line) => `  - ${line}`),
    ...now.filter((line) => !old.includes(line)).map((line) => `  + ${line}`),
  ];
  const more = lines.length > shownLines ? [`  … ${lines.length - shownLines} more lines`] : [];
  return [name, ...lines.slice(0, shownLines), ...more];
}

/** What an apply of `dist` is going to do in the cluster. */
export function clusterPlanLines(changes: readonly AppliedObject[], pruned: readonly ObjectName[]): string[] {
  const words = { created: 'new', configured: 'changes', pruned: 'goes' } as const;
  return [
    ...changes
      .filter(({ change }) => change !== 'pruned')
      .map(({ object, change }) => `${words[change].padEnd(7)} ${object}`),
    ...pruned.map((object) => `${words.pruned.padEnd(7)} ${objectText(object)}`),
  ];
}
