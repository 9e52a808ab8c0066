import type { AppliedObject } from '../../kubectl/applied-objects';
import { findKubectl } from '../../kubectl/find-kubectl';
import { type ObjectName, objectText } from '../../kubectl/objects';
import { someNames } from '../../model/host-groups';
import { count, duration } from '../../status/figures';
import type { Outputs } from '../../synth';
import { findTerraform } from '../../terraform/find-terraform';
import type { PlannedChanges } from '../../terraform/planned-changes';
import { exitCodes } from '../exit-codes';
import { fileOption } from '../file-option';
import { writeAccess } from '../kubeconfig';
import { reportProblems } from '../load';
import { outputFolders, synthOrReport, writeOutputs } from '../outputs';
import type { Only } from '../selected-hosts';
import { printingTo } from '../terminal';
import { changesOn } from './changes-on';
import { checkHosts } from './check-hosts';
import { ClusterStage } from './cluster-stage';
import { confirmFormats, confirmHosts, confirmPruned } from './confirm-changes';
import { deadHosts } from './dead-hosts';
import { deferralLines } from './deferral';
import { DeployError } from './deploy-error';
import type { DeployContext, DeployOptions } from './deploy-options';
import type { Deployment } from './deployment';
import { hostsPlan } from './hosts-plan';
import { HostsStage } from './hosts-stage';
import { leftoverLines } from './leftover-hosts';
import { manualChanges } from './manual-changes';
import { objectsIn } from './objects-in';
import { clusterPlanLines, sectionLines } from './plan-lines';
import { waitForRollout } from './rollout-stage';
import { accessLines } from './summary-lines';

/** How long a plan waits for the API; a deploy waits longer. */
const planTimeoutMs = 5_000;

/** The stages of a deploy, in their order. */
export class DeployRun {
  private readonly startedAt: number;

  constructor(
    private readonly deployment: Deployment,
    private readonly options: DeployOptions,
    private readonly context: Pick<DeployContext, 'now' | 'kubeconfig'>,
    /** Hosts that a plan shows. */
    private readonly only?: Only,
  ) {
    this.startedAt = deployment.clock();
  }

  /** Returns the exit code. @throws UserError */
  async run(): Promise<number> {
    try {
      return await this.stages();
    } catch (error) {
      if (!(error instanceof DeployError) || this.options.plan) throw error;
      const changes = await manualChanges(error.suspects, this.deployment);
      throw new DeployError([...error.lines, ...changes], error.exitCode);
    }
  }

  private async stages(): Promise<number> {
    const { view } = this.deployment;
    view.stage('writing cdktf.out and dist');
    const terraform = await this.programs();
    const { outputs, objects } = this.synth();
    view.stage(`planning with ${terraform.name}`);
    const hosts = new HostsStage(this.deployment, terraform.program, outputs);
    let changes = await hosts.plan();
    this.throwIfInterrupted();
    if (this.options.plan) return this.printPlan(hosts, changes, objects);
    const dead = await deadHosts(changes, this.deployment);
    this.throwIfInterrupted();
    await confirmHosts(changes, dead, this.options, this.deployment);
    let deferred: readonly string[] = [];
    if (changes.steps.length > 0) {
      view.stage('checking this machine and the hosts');
      const checked = await checkHosts(changes, this.context.now, this.deployment);
      await confirmFormats(checked.disks, this.options, this.deployment);
      deferred = checked.deferred;
    }
    if (deferred.length > 0) {
      view.stage(`planning without ${someNames(deferred)}`);
      changes = await hosts.plan({ deferred });
      this.throwIfInterrupted();
    }
    const leftover = changes.any ? await hosts.apply(changes) : [];
    this.throwIfInterrupted();
    await this.deployCluster(changes, objects);
    const { terminal } = this.deployment;
    for (const line of leftoverLines(leftover)) terminal.error(line);
    if (deferred.length === 0) return 0;
    terminal.report({ deferred });
    const hostsOnly = this.options.hostsOnly ? ' --hosts-only' : '';
    const file = fileOption(this.options.file, terminal);
    for (const line of deferralLines(deferred, `k3s-cdk deploy${hostsOnly}${file}`, file))
      terminal.error(line);
    return exitCodes.notUp;
  }

  private async programs() {
    const { environment, log } = this.deployment;
    const terraform = await findTerraform(environment);
    log.add(`${terraform.name}, kubectl ${await findKubectl(environment)}`);
    return terraform;
  }

  /** All outputs, and everything in `dist`: files of the user's own, too, since kubectl applies the folder. */
  private synth(): { outputs: Outputs; objects: readonly ObjectName[] } {
    const { topology, folder, terminal } = this.deployment;
    const outputs = synthOrReport(topology, this.options.file, terminal);
    const folders = { ...outputFolders(folder), check: false };
    const quiet = printingTo(terminal, { print: () => {}, error: (line) => terminal.error(line) });
    if (!outputs || writeOutputs(outputs, folders, quiet) === undefined)
      throw new DeployError(['stopped: nothing was changed on any host']);
    if (outputs.warnings.length > 0) reportProblems(outputs.warnings, this.options.file, terminal);
    return { outputs, objects: objectsIn(folders.clusterFolder, terminal) };
  }

  private async printPlan(
    hosts: HostsStage,
    changes: PlannedChanges,
    objects: readonly ObjectName[],
  ): Promise<number> {
    const { view, terminal, topology } = this.deployment;
    const { only } = this;
    const isFirst = changes.joining.length === topology.hosts.length;
    const { joining, leaving, dropped, steps } = changesOn(changes, only);
    terminal.report({ hosts: { joining, leaving, dropped, steps } });
    const { hostsOnly } = this.options;
    const cluster = hostsOnly ? [] : await this.clusterPlan(objects, isFirst);
    const lines = await hostsPlan(changes, hosts, { only, now: this.context.now }, this.deployment);
    view.end('done');
    const shown = hostsOnly ? ['dist is left alone'] : cluster;
    for (const line of [...sectionLines('hosts', lines), ...sectionLines('cluster', shown)])
      terminal.print(line);
    return changes.any || cluster.length > 0 ? exitCodes.changes : 0;
  }

  private async clusterPlan(objects: readonly ObjectName[], isFirst: boolean): Promise<string[]> {
    if (isFirst) {
      this.reportObjects(objects.map((object) => ({ object: objectText(object), change: 'created' })));
      return objects.length > 0 ? [`${count(objects.length, 'object')} of dist, for the first time`] : [];
    }
    this.deployment.view.stage('comparing dist with the cluster');
    try {
      return await this.withCluster(objects, async (cluster) => {
        await cluster.reach(planTimeoutMs);
        const { changes, problems } = await cluster.changes();
        const pruned = await cluster.pruned();
        this.reportObjects([
          ...changes.filter(({ change }) => change !== 'pruned'),
          ...pruned.map((object) => ({ object: objectText(object), change: 'pruned' }) as const),
        ]);
        this.reportWarnings(problems);
        return [...clusterPlanLines(changes, pruned), ...problems];
      });
    } catch (error) {
      if (!(error instanceof DeployError)) throw error;
      this.reportWarnings(error.lines);
      return ['dist cannot be compared with what is there:', ...error.lines.map((line) => `  ${line}`)];
    }
  }

  private reportObjects(objects: readonly AppliedObject[]): void {
    this.deployment.terminal.report({ cluster: { objects } });
  }

  /** What keeps a plan from being whole. */
  private reportWarnings(lines: readonly string[]): void {
    const problems = lines.map((line) => ({
      ...({ severity: 'warning', code: 'not-compared' } as const),
      message: line.replace(/^error: /, ''),
    }));
    this.deployment.terminal.report({ problems });
  }

  private async deployCluster(changes: PlannedChanges, objects: readonly ObjectName[]): Promise<void> {
    const { view, terminal, topology, clock, log } = this.deployment;
    const { hostsOnly, wait } = this.options;
    view.stage('fetching the kubeconfig');
    await this.withCluster(objects, async (cluster) => {
      view.stage('waiting for the API');
      await cluster.reach();
      this.throwIfInterrupted();
      const say = (line: string) => view.note(line);
      writeAccess(cluster.access, this.context, printingTo(terminal, { print: say, error: say }));
      const inCluster = hostsOnly ? 'dist is left alone' : await this.applyManifests(cluster);
      const on = new Set(changes.steps.map(({ host }) => host));
      if (wait !== false) {
        view.stage(`waiting until ${hostsOnly ? 'nodes are ready' : 'everything is up'}`);
        const nodes = topology.nodes.filter(({ name }) => on.has(name));
        const awaited = hostsOnly ? nodes.map(({ name }) => ({ kind: 'Node', name })) : cluster.objects;
        await waitForRollout(cluster.client, awaited, wait * 60_000, this.deployment);
      }
      this.throwIfInterrupted();
      view.end('done');
      const elapsed = clock() - this.startedAt;
      const time = duration(elapsed);
      terminal.report({
        steps: changes.steps.map(({ host, step, kind }) => ({ host, step, kind })),
        seconds: Math.round(elapsed / 1000),
        log: log.path,
      });
      terminal.print(
        `${topology.name} is deployed in ${time}: ${count(changes.steps.length, 'step')} on ${count(on.size, 'host')}, ${inCluster}`,
      );
      for (const line of await accessLines(cluster.client)) terminal.print(line);
      terminal.print(`log: ${terminal.display(log.path)}`);
      terminal.print(`next: k3s-cdk status${fileOption(this.options.file, terminal)}`);
    });
  }

  /** Returns what it has done, in words. */
  private async applyManifests(cluster: ClusterStage): Promise<string> {
    const { view } = this.deployment;
    const pruned = await cluster.pruned();
    await confirmPruned(pruned, this.options, this.deployment);
    view.stage('applying dist');
    this.deployment.begin();
    const applied = await cluster.apply(pruned);
    for (const { object, change } of applied) view.event(`${object} ${change}`);
    this.reportObjects(applied);
    this.throwIfInterrupted();
    return `${count(applied.length, 'object')} changed in the cluster`;
  }

  private async withCluster<T>(
    objects: readonly ObjectName[],
    work: (cluster: ClusterStage) => Promise<T>,
  ): Promise<T> {
    const cluster = await ClusterStage.open(this.deployment, objects);
    try {
      return await work(cluster);
    } finally {
      cluster.end();
    }
  }

  /** Nothing new starts after a Ctrl-C. */
  private throwIfInterrupted(): void {
    if (this.deployment.interruption.requested)
      throw new DeployError(['stopped between two steps'], exitCodes.interrupted);
  }
}
