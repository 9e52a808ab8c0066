import { nameList } from '../../model/host-groups';
import { purge, type StoredData, storedData } from '../../recovery/purge';
import { SshClient } from '../../ssh/client';
import { count } from '../../status/figures';
import { findTerraform } from '../../terraform/find-terraform';
import { UserError } from '../../user-error';
import type { Ask } from '../confirm';
import { DeployError } from '../deploy/deploy-error';
import type { Deployment } from '../deploy/deployment';
import { HostsStage } from '../deploy/hosts-stage';
import { type LeftoverHost, leftoverLines } from '../deploy/leftover-hosts';
import { exitCodes } from '../exit-codes';
import { outputFolders, synthOrReport, writeOutputs } from '../outputs';
import { printingTo } from '../terminal';
import type { DestroyOptions } from './destroy-options';

/** The stages of a destroy, in their order. */
export class DestroyRun {
  constructor(
    private readonly deployment: Deployment,
    private readonly options: DestroyOptions,
    private readonly ask: Ask | undefined,
  ) {}

  /** Returns the exit code. @throws UserError */
  async run(): Promise<number> {
    const { view, terminal, topology } = this.deployment;
    const data = storedData(topology);
    const hosts = await this.hostsStage();
    view.stage('planning what to remove');
    const changes = await hosts.plan({ destroy: true });
    view.end('done');
    await this.confirm(changes.leaving, data);
    const leftover = changes.any ? await hosts.apply(changes) : [];
    terminal.report({
      removed: changes.leaving,
      leftover: leftover.map(({ host, errors }) => ({ host, errors })),
    });
    for (const line of leftoverLines(leftover)) terminal.error(line);
    if (this.options.purge) await this.purge(data);
    terminal.print(this.summary(changes.leaving.length - leftover.length, data, leftover));
    return leftover.length > 0 ? exitCodes.failed : 0;
  }

  private summary(gone: number, data: readonly StoredData[], leftover: readonly LeftoverHost[]): string {
    const { name } = this.deployment.topology;
    const hosts = nameList(leftover.map(({ host }) => host));
    const except = leftover.length > 0 ? `, except for what is left on ${hosts} (see above)` : '';
    if (this.options.purge)
      return `${name} is gone, with its data${except}; packages, 'secrets/' and 'known_hosts' stay`;
    const where = data.length > 0 ? ` (${data.map(({ host }) => host.name).join(', ')})` : '';
    return `${name} is gone from ${count(gone, 'host')}${except}; packages and data stay${where}`;
  }

  /** Terraform runs the provisioners that the outputs have. */
  private async hostsStage(): Promise<HostsStage> {
    const { topology, folder, terminal, environment } = this.deployment;
    const { program } = await findTerraform(environment);
    const outputs = synthOrReport(topology, this.options.file, terminal);
    const folders = { ...outputFolders(folder), check: false };
    const quiet = printingTo(terminal, { print: () => {}, error: (line) => terminal.error(line) });
    if (!outputs || writeOutputs(outputs, folders, quiet) === undefined)
      throw new DeployError(['stopped: nothing was changed on any host']);
    return new HostsStage(this.deployment, program, outputs);
  }

  private async confirm(leaving: readonly string[], data: readonly StoredData[]): Promise<void> {
    const { topology, view } = this.deployment;
    const { yes, purge, deleteDataOf } = this.options;
    if (leaving.length > 0)
      view.note(
        `${nameList(leaving)}: k3s is stopped with all pods and uninstalled, Postgres and NFS are stopped`,
      );
    if (!yes) await this.typed(`Take ${topology.name} down? Type its name: `, topology.name, '--yes');
    if (!purge) return;
    for (const { host, what, stays } of data) {
      for (const line of what) view.note(`deleted for good on ${host.name}: ${line}`);
      for (const line of stays) view.note(`stays on ${host.name}: ${line}`);
    }
    view.note('what does not belong to the cluster in these folders stays, and is listed at the end');
    if (deleteDataOf === topology.name) return;
    if (deleteDataOf !== undefined)
      throw new DeployError([
        `error: --delete-data-of ${deleteDataOf} is not the name of this cluster, '${topology.name}': nothing was changed`,
      ]);
    const phrase = `delete ${topology.name}`;
    await this.typed(
      `Delete this data too? Only a backup that is stored elsewhere can bring it back. Type '${phrase}': `,
      phrase,
      `--delete-data-of ${topology.name}`,
    );
  }

  private async typed(question: string, wanted: string, option: string): Promise<void> {
    if (!this.ask)
      throw new DeployError([
        `error: this needs an answer, and there is no terminal to ask on: give ${option} to continue without`,
      ]);
    if ((await this.ask(question)) !== wanted)
      throw new DeployError([`that is not '${wanted}': nothing was changed`]);
  }

  private async purge(data: readonly StoredData[]): Promise<void> {
    const { view, folder, log, begin } = this.deployment;
    view.stage('deleting data');
    begin();
    const ssh = new SshClient({ folder });
    const failures: string[] = [];
    try {
      await Promise.all(
        data.map(async (each) => {
          try {
            for (const line of await purge(each, ssh)) {
              view.note(`${each.host.name}: ${line}`);
              log.add(`${each.host.name}: ${line}`);
            }
          } catch (error) {
            if (!(error instanceof UserError)) throw error;
            failures.push(`error: ${error.message}`);
          }
        }),
      );
    } finally {
      await ssh.close();
    }
    view.end(failures.length > 0 ? 'failed' : 'done');
    if (failures.length > 0)
      throw new DeployError([
        ...failures,
        'some data is still there: run the command again when this is fixed',
      ]);
  }
}
