import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { someNames, together } from '../../model/host-groups';
import type { HostStep } from '../../model/host-step';
import { backendFile } from '../../model/secrets';
import { memberAt } from '../../model/step-address';
import { stackPath } from '../../output/stack-folder';
import { count, duration } from '../../status/figures';
import type { Outputs } from '../../synth';
import { AppliedFiles } from '../../terraform/applied-files';
import type { TerraformMessage } from '../../terraform/messages';
import type { PlannedChanges, StepRun } from '../../terraform/planned-changes';
import { forgottenState } from '../../terraform/states-beside';
import { type FailedStep, StepOutput } from '../../terraform/step-output';
import { type PlanOptions, Terraform, TerraformError } from '../../terraform/terraform';
import { exitCodes } from '../exit-codes';
import { DeployError } from './deploy-error';
import type { Deployment } from './deployment';
import { failureLines } from './failure-lines';
import { type LeftoverHost, leftoverHosts } from './leftover-hosts';
import { inStackOrder } from './plan-lines';
import { type BoardStep, StepBoard } from './step-board';
import { unfinishedRuns } from './unfinished-runs';

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
  /** Steps that run again because their hosts have not finished them. Undefined: the hosts were not asked. */
  private repeated: readonly StepRun[] | undefined;

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
    const forgotten = forgottenState(folder, topology);
    if (forgotten !== undefined) throw new DeployError([`error: ${forgotten}`]);
    const settings = join(folder, backendFile);
    return this.explained(async () => {
      await this.terraform.init(topology.backend && existsSync(settings) ? settings : undefined);
      const changes = await this.planned(options);
      if (options.destroy || this.repeated || changes.unconfirmed.length === 0) return changes;
      this.repeated = await this.unfinished(changes.unconfirmed);
      return this.repeated.length > 0 ? this.planned(options) : changes;
    });
  }

  private planned(options: PlanOptions): Promise<PlannedChanges> {
    const repeated = (this.repeated ?? []).filter(({ host }) => !options.deferred?.includes(host));
    return this.terraform.plan(this.planFile, {
      ...options,
      repeated: repeated.map(({ address }) => address),
    });
  }

  /** Asks the hosts, which a plan otherwise never does: what the state has may not have happened. */
  private async unfinished(runs: readonly StepRun[]): Promise<StepRun[]> {
    const { view } = this.deployment;
    const hosts = new Set(runs.map(({ host }) => host)).size;
    view.note(
      `the last apply did not finish: asking ${count(hosts, 'host')} which of its steps they have finished`,
    );
    const left = await unfinishedRuns(runs, this.deployment);
    if (left.length > 0)
      view.note(`to be run again: ${left.map(({ host, step }) => `${host} ${step}`).join(', ')}`);
    return left;
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
