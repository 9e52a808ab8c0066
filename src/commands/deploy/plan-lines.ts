import type { AppliedObject } from '../../kubectl/applied-objects';
import { type ObjectName, objectText } from '../../kubectl/objects';
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
  const lines: string[] = [];
  for (const host of leaving) lines.push(leavingText(host, changes));
  for (const { host, step } of dropped)
    if (!leaving.includes(host))
      lines.push(`${host} no longer has the step '${step}'; what it did before stays on the host`);
  // Everything runs there, and why is clear.
  const fresh = joining.filter((host) => changes.steps.some((step) => step.host === host));
  for (const [hosts, steps] of freshHosts(fresh, changes, stack))
    lines.push(`${hosts.join(', ')} ${hosts.length === 1 ? 'is' : 'are'} new: ${steps}`);
  const others = changes.steps.filter(({ host }) => !fresh.includes(host));
  for (const [reason, steps] of groupedByReason(inStackOrder(others, stack), stack, applied))
    lines.push(
      `${steps[0]?.step} on ${steps.map(({ host }) => host).join(', ')}`,
      ...reason.split('\n').map((line) => `    ${line}`),
    );
  return lines;
}

/** What happens to a host that leaves. */
export function leavingText(host: string, { renamed }: Pick<PlannedChanges, 'renamed'>): string {
  const name = renamed.get(host);
  const how = 'its node is drained and deleted, k3s is uninstalled; data of the database and of NFS stays';
  return name === undefined
    ? `${host} leaves the cluster: ${how}`
    : `${host} leaves the cluster before its machine becomes ${name}: ${how}`;
}

/** In the order of the stack, which is roughly that of the apply. */
export function inStackOrder(steps: readonly PlannedStep[], stack: readonly HostStep[]): PlannedStep[] {
  const order = new Map(stack.map(({ host, step }, index) => [`${host} ${step}`, index]));
  const place = ({ host, step }: PlannedStep) => order.get(`${host} ${step}`) ?? order.size;
  return [...steps].sort((a, b) => place(a) - place(b));
}

/** New hosts with the same steps together. */
function freshHosts(
  hosts: readonly string[],
  changes: PlannedChanges,
  stack: readonly HostStep[],
): [string[], string][] {
  const groups = new Map<string, string[]>();
  const ordered = inStackOrder(changes.steps, stack);
  for (const host of hosts) {
    const steps = ordered
      .filter((step) => step.host === host)
      .map(({ step }) => step)
      .join(', ');
    groups.set(steps, [...(groups.get(steps) ?? []), host]);
  }
  return [...groups].map(([steps, hosts]) => [hosts, steps]);
}

function groupedByReason(
  steps: readonly PlannedStep[],
  stack: readonly HostStep[],
  applied: AppliedFiles,
): [string, PlannedStep[]][] {
  const groups = new Map<string, [string, PlannedStep[]]>();
  for (const step of steps) {
    const described = stack.find(({ host, step: name }) => host === step.host && name === step.step);
    const reason = reasonOf(step, described && applied.differences(described));
    const key = `${step.step}\0${reason}`;
    const group = groups.get(key) ?? [reason, []];
    groups.set(key, group);
    group[1].push(step);
  }
  return [...groups.values()];
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
