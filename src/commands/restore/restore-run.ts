import { dirname } from 'node:path';
import type { Topology } from '../../model/topology';
import { type OpenBackup, openBackup } from '../../recovery/backup-file';
import { type DatabaseHost, NoBackupPrograms } from '../../recovery/database-host';
import { Nodes } from '../../recovery/nodes';
import type { SshClient } from '../../ssh/client';
import type { SshError } from '../../ssh/ssh-error';
import { count, duration } from '../../status/figures';
import { UserError } from '../../user-error';
import type { Terminal } from '../terminal';
import { newDatabaseCommands } from './new-database-host';
import type { RestoreContext, RestoreOptions } from './restore-options';

/** One restore, step by step; each step can be done again. */
export class RestoreRun {
  private readonly nodes: Nodes;

  constructor(
    private readonly topology: Topology,
    private readonly database: DatabaseHost,
    private readonly options: RestoreOptions,
    private readonly context: RestoreContext,
    ssh: Pick<SshClient, 'run'>,
    private readonly terminal: Terminal,
  ) {
    this.nodes = new Nodes(ssh);
  }

  /** Undefined if the database host cannot get it yet, which has been reported. */
  async fromOffsite(name: string | undefined, key: string): Promise<OpenBackup | undefined> {
    const { topology, database, terminal } = this;
    if (!topology.database.backup.offsite)
      throw new UserError("no backups are kept elsewhere: 'database.backup.offsite' is not set");
    try {
      const found = await terminal.during('getting the backup', () => database.fetchOffsite(name));
      terminal.print(`${database.host.name}: got ${found.name} from elsewhere`);
      return await openBackup(found.name, found.content, key);
    } catch (error) {
      if (!(error instanceof NoBackupPrograms) || this.options.tokenOnly) throw error;
      if (await this.agrees(`Stop k3s for a new database host? Type the name of the cluster: `))
        await this.newDatabaseHost();
      return undefined;
    }
  }

  async run(backup: OpenBackup): Promise<number> {
    const { topology, database, terminal, context } = this;
    if (
      !(await this.agrees(
        `Replace the database of '${topology.name}' with it? Type the name of the cluster: `,
      ))
    )
      return 1;
    let loaded: Awaited<ReturnType<DatabaseHost['load']>>;
    try {
      terminal.print(`${database.host.name}: loading the backup beside the database in use`);
      loaded = await terminal.during('loading', () => database.load(backup.content));
    } catch (error) {
      if (!(error instanceof NoBackupPrograms)) throw error;
      return this.newDatabaseHost();
    }
    if (loaded.alreadyRestored)
      terminal.print('an earlier run has restored it already: starting the servers');
    else if (
      loaded.replaces > 0 &&
      !(await this.agrees(
        `the database has ${count(loaded.replaces, 'object')} now; those that are not in the backup will be gone. Type the name again: `,
      ))
    )
      return 1;
    const began = context.clock();
    if (!loaded.alreadyRestored || loaded.otherAuthority) await this.stopServers();
    if (!loaded.alreadyRestored) await terminal.during('replacing the database', () => database.swap());
    terminal.print('starting k3s');
    const elsewhere = await terminal.during('starting', () =>
      this.nodes.start(this.reachable, {
        endpoint: topology.database.endpoint,
        aside: loaded.otherAuthority,
      }),
    );
    terminal.report({ restored: true, stopped: elsewhere.map(({ name }) => name) });
    if (elsewhere.length > 0) {
      terminal.print(
        `restored; k3s is stopped on ${elsewhere.map(({ name }) => name).join(', ')}, which still look for the database elsewhere. Now apply the hosts: that starts them`,
      );
      return 0;
    }
    if (loaded.otherAuthority) {
      for (const reason of await this.nodes.restartAgents(topology.agents))
        terminal.error(`warning: ${reason}; restart k3s-agent there`);
    }
    terminal.print(
      `restored; the API answers again after ${duration(context.clock() - began)}. What was there before is kept until the next restore`,
    );
    return 0;
  }

  private unreachable: readonly SshError[] = [];

  private get reachable() {
    const off = new Set(this.unreachable.map(({ host }) => host));
    return this.topology.servers.filter((host) => !off.has(host));
  }

  private async agrees(question: string): Promise<boolean> {
    if (this.options.yes) return true;
    const { ask } = this.context;
    if (!ask) {
      this.terminal.error('error: there is no terminal to ask on: give --yes to restore without asking');
      return false;
    }
    if ((await ask(question)) === this.topology.name) return true;
    this.terminal.error('the name does not match: nothing was changed');
    return false;
  }

  private async stopServers(): Promise<void> {
    this.terminal.print('stopping k3s on the servers; pods keep running');
    this.unreachable = await this.terminal.during('stopping', () => this.nodes.stop(this.topology.servers));
    if (this.unreachable.length === 0) return;
    const answering = this.unreachable.filter(({ failure }) => failure !== 'unreachable');
    if (this.options.skipUnreachable && answering.length === 0 && this.reachable.length > 0) {
      for (const { message } of this.unreachable) this.terminal.error(`warning: ${message}`);
      return;
    }
    const { endpoint } = this.topology.database;
    await this.nodes.start(this.reachable, { endpoint, aside: false }).catch(() => {});
    throw new UserError(
      `${this.unreachable.map(({ message }) => message).join('\n')}\na server that still runs would write its cached state into the restored database: ${answering.length > 0 ? 'repair the login' : 'start it, take it out of cluster.yaml, or give --skip-unreachable if it is known to be off'}; the database was not changed`,
    );
  }

  /** The first server that finds the empty database would fill it, and the kubelets would stop all pods. */
  private async newDatabaseHost(): Promise<number> {
    const { terminal, topology, database } = this;
    const { file } = this.options;
    await this.stopServers();
    // Loads cdktf, which the other cases do not need.
    const { synthOrReport } = await import('../outputs');
    const steps = synthOrReport(topology, file, terminal)?.steps;
    if (!steps) return 1;
    const described = { file, folder: dirname(file), environment: this.context.environment };
    terminal.error(
      `error: ${database.host.name} ${topology.database.external ? 'does not have what restores backups' : 'has no database'} yet. k3s is stopped on the servers, so that none of them initializes an empty one. Now:`,
    );
    for (const command of newDatabaseCommands(database.host, steps, described, terminal))
      terminal.error(`  ${command}`);
    return 1;
  }
}
