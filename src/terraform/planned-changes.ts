import type { HostStep } from '../model/host-step';
import { finishedAt, memberAt, stepAt } from '../model/step-address';

/** A step that an apply is going to run. */
export interface PlannedStep {
  readonly host: string;
  readonly step: string;
  /**
   * `first`: it never ran. `again`: something that it depends on has changed. `repeat`: it did not finish
   * last time.
   */
  readonly kind: 'first' | 'again' | 'repeat';
  /** Triggers that differ, for `again`; sorted. */
  readonly triggers: readonly TriggerChange[];
}

export interface TriggerChange {
  /** `script`, `config`, `version`, `address`, or the name of an uploaded file. */
  readonly name: string;
  /** Undefined when there was none. */
  readonly before?: string;
  /** Undefined when there is none any more. */
  readonly after?: string;
}

export interface LeavingServer {
  readonly host: string;
  readonly address: string;
  readonly port: number;
  /** Address of the jump host in front of it. */
  readonly bastion?: string;
}

/** What an apply is going to do on the hosts. */
export interface PlannedChanges {
  /** In no particular order: Terraform's plan has none. */
  readonly steps: readonly PlannedStep[];
  /** Hosts that are new in the cluster. */
  readonly joining: readonly string[];
  /** Hosts whose node will be drained and deleted, and k3s uninstalled. */
  readonly leaving: readonly string[];
  /** Where the SSH servers of these were when they were last applied, as far as a state says so. */
  readonly leavingServers: readonly LeavingServer[];
  /** New names of those whose machine stays, as another host. */
  readonly renamed: ReadonlyMap<string, string>;
  /** Steps that are no longer in the description. Nothing is done on the host for this alone. */
  readonly dropped: readonly { readonly host: string; readonly step: string }[];
  /**
   * Runs of steps that the state has as done and their hosts have not confirmed, because an apply was killed, or failed
   * before it asked. Those of steps that run again anyway are not among them.
   */
  readonly unconfirmed: readonly StepRun[];
  /** Whether anything at all differs, the records of the hosts in the state included. */
  readonly any: boolean;
}

/** One run of a step, by the identity that its resource has in the state. */
export interface StepRun {
  readonly address: string;
  readonly host: string;
  readonly step: string;
  readonly run: string;
}

/**
 * Reads `terraform show -json` of a saved plan.
 *
 * @param described the current steps; others are from an earlier description
 */
export function plannedChanges(json: string, described: readonly HostStep[]): PlannedChanges {
  const { resource_changes = [] } = JSON.parse(json) as { resource_changes?: ResourceChange[] };
  const steps: PlannedStep[] = [];
  const joining: string[] = [];
  const leaving: string[] = [];
  const members: Member[] = [];
  const dropped: { host: string; step: string }[] = [];
  const byAddress = new Map(described.map((step) => [step.address, step]));
  const kept: StepRun[] = [];
  const confirmed = new Map<string, NonNullable<Triggers>>();
  for (const { address, change, action_reason } of resource_changes) {
    const member = memberAt(address);
    const target = byAddress.get(address) ?? stepAt(address);
    const made = change.actions.includes('create');
    const deleted = change.actions.includes('delete');
    const marked = finishedAt(address);
    // Tainted where the host did not confirm them.
    if (marked !== undefined && action_reason !== 'replace_because_tainted')
      confirmed.set(marked, triggersOf(change.before));
    if (target && change.before?.id !== undefined && !made && !deleted)
      kept.push({ address, host: target.host, step: target.step, run: change.before.id });
    if (member !== undefined) {
      members.push({ host: member, ...change });
      if (made && !deleted) joining.push(member);
      if (deleted && !made) leaving.push(member);
    } else if (target && made) {
      const kind = !deleted ? 'first' : repeats.has(action_reason) ? 'repeat' : 'again';
      steps.push({
        host: target.host,
        step: target.step,
        kind,
        triggers: kind === 'again' ? triggerChanges(triggersOf(change.before), triggersOf(change.after)) : [],
      });
    } else if (target && deleted) dropped.push({ host: target.host, step: target.step });
  }
  const any = resource_changes.some(({ change }) => change.actions.some((action) => action !== 'no-op'));
  const unconfirmed = kept.filter(({ host, step, run }) => confirmed.get(host)?.[step] !== run);
  const leavingServers = members.flatMap((member) => leavingServer(member, leaving));
  const renamed = renamedHosts(members);
  return { steps, joining, leaving, leavingServers, renamed, dropped, unconfirmed, any };
}

function leavingServer({ host: name, before }: Member, leaving: readonly string[]): LeavingServer[] {
  const { host: address, port = 22, bastion_host: bastion } = before?.input?.host ?? {};
  if (address === undefined || !leaving.includes(name)) return [];
  return [{ host: name, address, port, ...(bastion !== undefined && { bastion }) }];
}

/** A step that failed, or one that has to run whatever the state says. */
const repeats: ReadonlySet<string | undefined> = new Set(['replace_because_tainted', 'replace_by_request']);

type Member = { readonly host: string } & Pick<ResourceChange['change'], 'before' | 'after'>;

/** A machine is known by its address and its SSH host key. */
function renamedHosts(members: readonly Member[]): Map<string, string> {
  const machine = (values: Values) => {
    const { host, port, host_key } = values?.input?.host ?? {};
    return host === undefined ? undefined : JSON.stringify([host, port, host_key]);
  };
  const hosts = new Map(members.map(({ host, after }) => [machine(after), host]));
  return new Map(
    members.flatMap(({ host, before, after }) => {
      const name = machine(before) === undefined || after ? undefined : hosts.get(machine(before));
      return name === undefined ? [] : [[host, name] as const];
    }),
  );
}

interface ResourceChange {
  readonly address: string;
  readonly action_reason?: string;
  readonly change: { readonly actions: readonly string[]; readonly before: Values; readonly after: Values };
}

/** null_resource has `triggers`, terraform_data `triggers_replace`; members of the cluster have an input. */
type Values = {
  readonly id?: string;
  readonly triggers?: Triggers;
  readonly triggers_replace?: Triggers;
  readonly input?: {
    readonly host?: {
      readonly host?: string;
      readonly port?: number;
      readonly host_key?: string;
      readonly bastion_host?: string;
    };
  };
} | null;
type Triggers = Readonly<Record<string, string>> | null;

/** What differs, sorted. */
export function triggerChanges(
  old: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): TriggerChange[] {
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
  return names
    .filter((name) => old[name] !== now[name])
    .map((name) => ({
      name,
      ...(old[name] !== undefined && { before: old[name] }),
      ...(now[name] !== undefined && { after: now[name] }),
    }));
}

function triggersOf(values: Values): NonNullable<Triggers> {
  return values?.triggers ?? values?.triggers_replace ?? {};
}
