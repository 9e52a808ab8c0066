import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { someNames, together } from '../../model/host-groups';
import type { HostStep } from '../../model/host-step';
import { renamedCluster } from '../../model/renamed-cluster';
import { memberAt } from '../../model/step-address';
import { stackPath } from '../../output/stack-folder';
import { count, duration } from '../../status/figures';
import type { Outputs } from '../../synth';
import { AppliedFiles } from '../../terraform/applied-files';
import type { TerraformMessage } from '../../terraform/messages';
import { otherClusters } from '../../terraform/other-clusters';
import type { PlannedChanges } from '../../terraform/planned-changes';
import { type FailedStep, StepOutput } from '../../terraform/step-output';
import { type PlanOptions, Terraform, TerraformError } from '../../terraform/terraform';
import { exitCodes } from '../exit-codes';
import { DeployError } from './deploy-error';
import type { Deployment } from './deployment';
import { failureLines } from './failure-lines';
import { type LeftoverHost, leftoverHosts } from './leftover-hosts';
import { inStackOrder } from './plan-lines';
import { type BoardStep, StepBoard } from './step-board';

/** Terraform's own default, and what one machine can handle. */
const parallelism = { min: 10, max: 64 };

/** How a host's departure is shown. */
const leave = 'leave';

/** The hosts output, planned and applied with Terraform. */
export class HostsStage {
  readonly steps: readonly HostStep[];
  /** What steps uploaded when they last ran. */
  readonly applied: AppliedFiles;
  private readonly byAddress: ReadonlyMap<string, HostStep>;
  private readonly terraform: Terraform;
  private readonly planFile: string;
  private readonly appliedFile: string;

  constructor(
    private readonly deployment: Deployment,
    program: string,
    outputs: Outputs,
  ) {
    const { folder, scratch, environment, interruption, log } = deployment;
    this.planFile = join(scratch, 'plan');
    this.appliedFile = join(scratch, 'applied.json');
    this.steps = outputs.steps;
    this.byAddress = new Map(this.steps.map((step) => [step.address, step]));
    this.applied = new AppliedFiles(
      existsSync(this.appliedFile) ? readFileSync(this.appliedFile, 'utf8') : undefined,
    );
    this.terraform = new Terraform({
      program,
      folder: join(folder, 'cdktf.out', stackPath),
      steps: this.steps,
      environment,
      interruption,
      log: (line) => log.add(line),
    });
  }

  /** @throws DeployError */
  async plan(options: PlanOptions = {}): Promise<PlannedChanges> {
    const { folder, topology } = this.deployment;
    // Terraform itself would only report, before it plans, that its backend has changed.
    const [other] = otherClusters(folder, topology.name);
    if (other !== undefined) throw new DeployError([`error: ${renamedCluster(other, topology.name)}`]);
    return this.explained(async () => {
      await this.terraform.init();
      return this.terraform.plan(this.planFile, options);
    });
  }

  /**
   * Applies what was planned. Returns the hosts that left the cluster with something of it still on them.
   * @throws DeployError
   */
  async apply(changes: PlannedChanges): Promise<LeftoverHost[]> {
    const { view, topology, begin } = this.deployment;
    begin();
    const board = new StepBoard([
      ...changes.leaving.map((host) => ({ host, step: leave })),
      ...inStackOrder(changes.steps, this.steps),
    ]);
    const output = new StepOutput();
    view.stage(`hosts: ${count(changes.steps.length + changes.leaving.length, 'step')}`, board);
    const lanes = Math.min(parallelism.max, Math.max(parallelism.min, topology.hosts.length));
    try {
      const failed = () => output.failures();
      await this.explained(
        () =>
          this.terraform.apply(this.planFile, lanes, (message) => {
            output.add(message);
            this.show(message, board);
            const step =
              message.type === 'complete' && message.action === 'create'
                ? this.byAddress.get(message.address)
                : undefined;
            if (step) this.applied.record(step);
          }),
        { failed, board },
      );
    } finally {
      const text = this.applied.toJson([...this.byAddress.keys()]);
      writeFileSync(this.appliedFile, text, { mode: 0o600 });
      rmSync(this.planFile, { force: true });
    }
    view.end('done');
    return leftoverHosts(changes, output);
  }

  private show(message: TerraformMessage, board: StepBoard): void {
    if (message.type === 'diagnostic') return;
    const { view, clock } = this.deployment;
    const member = memberAt(message.address);
    const target = member === undefined ? this.byAddress.get(message.address) : { host: member, step: leave };
    if (!target) return;
    const { host, step } = target;
    if (message.type === 'output') {
      board.say(host, step, message.line);
      return;
    }
    // A step that runs again is first deleted, but only in the state; a membership that is created or changed
    // is only in the state, too.
    if ((message.action === 'delete') !== (member !== undefined)) return;
    if (message.type === 'start') {
      board.start(host, step, clock());
      view.event(`${host} ${step}: started`);
    } else {
      board.end(host, step, message.type === 'complete' ? 'done' : 'failed', clock());
      const { elapsed = 0 } = board.step(host, step, clock());
      view.event(
        `${host} ${step}: ${message.type === 'complete' ? 'done' : 'FAILED'} after ${duration(elapsed)}`,
      );
    }
  }

  private async explained<T>(
    work: () => Promise<T>,
    { failed, board }: { failed?: () => readonly FailedStep[]; board?: StepBoard } = {},
  ): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof TerraformError)) throw error;
      const { interruption, topology, clock } = this.deployment;
      if (interruption.requested) throw new DeployError(interruptedLines(board?.steps(clock()) ?? []));
      const failures = failed?.() ?? [];
      const hosts = failures.flatMap(
        ({ address }) => this.byAddress.get(address)?.host ?? memberAt(address) ?? [],
      );
      const lines = failureLines(error, failures, { topology, steps: this.steps });
      throw new DeployError(lines, exitCodes.failed, [...new Set(hosts)]);
    }
  }
}

/**
 * Steps that a Ctrl-C has interrupted: the host does not notice, and the next run of the step waits for this
 * one.
 */
function interruptedLines(steps: readonly BoardStep[]): string[] {
  const cut = steps.filter(({ state }) => state === 'running' || state === 'failed');
  const rest = steps.filter(({ state }) => state === 'waiting').length;
  const names = together(cut, ({ step }) => step).map(
    (alike) => `${alike[0]?.step} on ${someNames(alike.map(({ host }) => host))}`,
  );
  return [
    `stopped, with ${count(rest, 'step')} not started`,
    ...(cut.length > 0
      ? [`these run to their end on the host, and are waited for and repeated next time: ${names.join('; ')}`]
      : []),
  ];
}
