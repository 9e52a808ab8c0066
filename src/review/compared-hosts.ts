import type { SynthesizedStep } from '../model/host-step';
import type { Topology } from '../model/topology';
import { diff } from '../output/diff';
import type { FileTree } from '../output/file-tree';
import { logical } from '../output/logical-paths';
import { type PlannedChanges, type PlannedStep, triggerChanges } from '../terraform/planned-changes';

/** What synth makes of a cluster.yaml. */
export interface Synthesis {
  readonly topology: Topology;
  readonly steps: readonly SynthesizedStep[];
  /** Below `cdktf.out/`. */
  readonly hosts: FileTree;
  /** Below `dist/`. */
  readonly cluster: FileTree;
}

/** Terraform takes an instance for the resource that had none, and the other way round. */
export function resourceOf({ address }: SynthesizedStep): string {
  return address.replace(/\[0\]$/, '');
}

/** What an apply of one synth does on hosts on which the other was applied. */
export function comparedHosts(before: Synthesis, after: Synthesis): PlannedChanges {
  const old = new Map(before.steps.map((step) => [resourceOf(step), step]));
  const steps = after.steps.flatMap((step) => plannedStep(old.get(resourceOf(step)), step));
  const now = new Set(after.steps.map(resourceOf));
  const dropped = before.steps.filter((step) => !now.has(resourceOf(step)));
  const [left, joined] = [without(before, after), without(after, before)];
  const { renamed, joining, leaving } = {
    renamed: new Map(
      left.flatMap(({ name, address }) => {
        const machine = joined.find((host) => host.address === address);
        return machine ? [[name, machine.name] as const] : [];
      }),
    ),
    joining: joined.map(({ name }) => name),
    leaving: left.map(({ name }) => name),
  };
  const isSame = diff(logical(before.hosts), logical(after.hosts)).length === 0;
  return {
    ...{ steps, joining, leaving, renamed },
    // Nobody is asked.
    leavingServers: [],
    dropped: dropped.map(({ host, step }) => ({ host, step })),
    unconfirmed: [],
    any: !isSame,
  };
}

function plannedStep(
  before: SynthesizedStep | undefined,
  { host, step, triggers }: SynthesizedStep,
): PlannedStep[] {
  if (!before) return [{ host, step, kind: 'first', triggers: [] }];
  const changes = triggerChanges(before.triggers, triggers).filter(
    ({ name, ...values }) => name !== 'machine' || !Object.values(values).includes('unknown'),
  );
  return changes.length > 0 ? [{ host, step, kind: 'again', triggers: changes }] : [];
}

function without({ topology: { hosts } }: Synthesis, { topology }: Synthesis) {
  const others = new Set(topology.hosts.map(({ name }) => name));
  return hosts.filter(({ name }) => !others.has(name));
}
