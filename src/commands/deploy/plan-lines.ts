import type { AppliedObject } from '../../kubectl/applied-objects';
import { type ObjectName, objectText } from '../../kubectl/objects';
import { nameList, together } from '../../model/host-groups';
import type { HostStep } from '../../model/host-step';
import { isOwnStep } from '../../model/own-steps';
import type { Topology } from '../../model/topology';
import { changeEffects, effectText } from '../../review/change-effects';
import type { Effect } from '../../roles/effect';
import type { FileDifference } from '../../terraform/applied-files';
import type { PlannedChanges, PlannedStep, TriggerChange } from '../../terraform/planned-changes';
import { fileLines } from './file-lines';

/** The cluster as it will be. */
export interface Described<Step extends HostStep = HostStep> {
  readonly topology: Topology;
  /** In the order of an apply, roughly. */
  readonly steps: readonly Step[];
}

/** Files of steps that differ from those of their last run. */
interface LastFiles<Step extends HostStep = HostStep> {
  differences(step: Step): FileDifference[] | undefined;
}

/** Something that an apply is going to do, on hosts that do the same for the same reason. */
export interface PlanEntry {
  readonly title: string;
  /** Why, in sentences. */
  readonly reasons: readonly string[];
  /** What it does to what runs. */
  readonly effects: readonly Effect[];
  /** The lines of files that differ. */
  readonly files: readonly string[];
}

/** Nobody is known to be dead. */
const nobody: ReadonlyMap<string, string> = new Map();

/**
 * What an apply is going to do on the hosts, in words.
 *
 * @param dead leaving hosts that do not answer, with the reason
 */
export function planLines(
  changes: PlannedChanges,
  stack: Described,
  applied: LastFiles,
  dead = nobody,
): string[] {
  return planEntries(changes, stack, applied, dead).flatMap(entryLines);
}

export function entryLines({ title, reasons, effects, files }: PlanEntry): string[] {
  return [title, ...[...reasons, ...effects.map(effectText), ...files].map((line) => `    ${line}`)];
}

export function planEntries<Step extends HostStep>(
  changes: PlannedChanges,
  stack: Described<Step>,
  applied: LastFiles<Step>,
  dead = nobody,
): PlanEntry[] {
  const { joining, leaving, dropped } = changes;
  const gone = new Set(leaving);
  const titles = leavingLines(changes, dead);
  const left = dropped.filter(({ host }) => !gone.has(host));
  for (const [hosts, step] of byStep(left)) {
    const have = hosts.length === 1 ? 'has' : 'have';
    const on = hosts.length === 1 ? 'host' : 'hosts';
    const then = isOwnStep(step)
      ? 'its uninstall script runs, if it had one'
      : `what it did before stays on the ${on}`;
    titles.push(`${nameList(hosts)} no longer ${have} the step '${step}'; ${then}`);
  }
  // Everything runs there, and why is clear.
  const fresh = new Set(joining);
  const ordered = inStackOrder(changes.steps, stack.steps);
  for (const [hosts, steps] of freshHosts(ordered.filter(({ host }) => fresh.has(host))))
    titles.push(`${nameList(hosts)} ${hosts.length === 1 ? 'is' : 'are'} new: ${steps}`);
  const others = ordered.filter(({ host }) => !fresh.has(host));
  return [
    ...titles.map((title) => ({ title, reasons: [], effects: [], files: [] })),
    ...byReason(others, stack, applied),
  ];
}

/** A part of a plan, under its name. */
export function sectionLines(name: string, lines: readonly string[]): string[] {
  return [`${name}:`, ...(lines.length > 0 ? lines : ['nothing changes']).map((line) => `  ${line}`)];
}

/**
 * What happens to hosts that leave.
 *
 * @param dead those that do not answer, with the reason
 */
export function leavingLines(
  { leaving, renamed }: Pick<PlannedChanges, 'leaving' | 'renamed'>,
  dead: ReadonlyMap<string, string>,
): string[] {
  return together(leaving, (host) => `${renamed.get(host) ?? ''} ${dead.get(host) ?? ''}`).map((hosts) => {
    const [first = ''] = hosts;
    const [name, reason] = [renamed.get(first), dead.get(first)];
    const one = hosts.length === 1;
    const [leave, node] = one ? ['leaves', 'its node is'] : ['leave', 'their nodes are'];
    const before = name === undefined ? '' : ` before its machine becomes ${name}`;
    const who = `${nameList(hosts)} ${leave} the cluster${before}`;
    if (reason === undefined)
      return `${who}: ${node} drained and deleted, k3s is uninstalled; data of the database and of NFS stays`;
    const what = one
      ? 'Its node is deleted, and everything stays installed on it: switched on, it joins again'
      : 'Their nodes are deleted, and everything stays installed on them: switched on, they join again';
    return `${who}, but ${reason.replace(/([^?])$/, '$1.')} ${what}`;
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

function byReason<Step extends HostStep>(
  planned: readonly PlannedStep[],
  { topology, steps }: Described<Step>,
  applied: LastFiles<Step>,
): PlanEntry[] {
  const described = new Map(steps.map((each) => [`${each.host} ${each.step}`, each]));
  const entries = planned.map((step) => {
    const known = described.get(`${step.host} ${step.step}`);
    const files = known && applied.differences(known);
    return { step, ...reasonsOf(step, files), effects: changeEffects(topology, step, files) };
  });
  const same = ({ step: { step }, reasons, effects, files }: (typeof entries)[number]) =>
    [step, ...reasons, ...effects.map(effectText), ...files].join('\n');
  return together(entries, same).flatMap((alike) =>
    alike.slice(0, 1).map(({ step: { step }, ...rest }) => ({
      title: `${step} on ${nameList(alike.map(({ step: { host } }) => host))}`,
      ...rest,
    })),
  );
}

function reasonsOf(
  { kind, triggers }: PlannedStep,
  files: FileDifference[] | undefined,
): Pick<PlanEntry, 'reasons' | 'files'> {
  if (kind === 'first') return { reasons: ['runs for the first time'], files: [] };
  if (kind === 'repeat') return { reasons: ['did not finish last time'], files: [] };
  if (triggers.length === 0) return { reasons: ['another resource that it follows has changed'], files: [] };
  const isScript = (file: FileDifference) => file.name.endsWith('.sh');
  const [scripts, others] = [files?.filter(isScript) ?? [], files?.filter((file) => !isScript(file)) ?? []];
  const shown = others.flatMap(fileLines);
  const known = { scripts: scripts.map((file) => file.name), others: shown.length > 0 };
  return { reasons: triggers.flatMap((trigger) => triggerText(trigger, known)), files: shown };
}

function triggerText(
  { name, before, after }: TriggerChange,
  known: { readonly scripts: readonly string[]; readonly others: boolean },
): string[] {
  switch (name) {
    case 'script':
      return [`its script has changed${known.scripts.length > 0 ? `: ${known.scripts.join(', ')}` : ''}`];
    case 'config':
      return known.others ? [] : ['its configuration has changed'];
    // Settings of Postgres: what that does follows.
    case 'restart':
    case 'reload':
      return known.others ? [] : [`${name} has changed`];
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

/** What an apply of `dist` is going to do in the cluster. */
export function clusterPlanLines(changes: readonly AppliedObject[], pruned: readonly ObjectName[]): string[] {
  return [
    ...changes.filter(({ change }) => change !== 'pruned'),
    ...pruned.map((object) => ({ object: objectText(object), change: 'pruned' as const })),
  ].map(objectLine);
}

/** `changes Deployment metallb-system/controller`. */
export function objectLine({ object, change }: Pick<AppliedObject, 'object' | 'change'>): string {
  const words = { created: 'new', configured: 'changes', pruned: 'goes' } as const;
  return `${words[change].padEnd(7)} ${object}`;
}
