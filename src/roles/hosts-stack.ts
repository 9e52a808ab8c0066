import { NullProvider } from '@cdktf/provider-null/lib/provider';
import { type App, TerraformStack } from 'cdktf';
import { confirmRunsLocal } from '../hosts/confirm-runs';
import { addFinished } from '../hosts/finished';
import { guardHostKeys } from '../hosts/host-key-guard';
import { guardRecords } from '../hosts/last-applied';
import { guardMachines } from '../hosts/machines-guard';
import { Membership } from '../hosts/membership';
import { PlainResources } from '../hosts/plain-resources';
import { RemoteStep, type StepFiles } from '../hosts/remote-step';
import { StateBackend } from '../hosts/state-backend';
import { commandLocals } from '../hosts/step-commands';
import { StepFolders } from '../hosts/step-folders';
import { deferredVariable, isDeferrable } from '../model/deferral';
import type { SynthesizedStep } from '../model/host-step';
import type { DatabaseCluster, ExternalDatabase as External, Host, Topology } from '../model/topology';
import { callsOf } from '../model/watch';
import { DatabaseBackup } from './backup/backup.step';
import { guardData } from './data-guard';
import { Database } from './database/database.step';
import { DatabaseMember } from './database-cluster/database-member.step';
import { Etcd } from './database-cluster/etcd.step';
import { Disks } from './disks/disks.step';
import { ExternalDatabase } from './external-database/external-database.step';
import { Firewall, firewallFiles } from './firewall/firewall.step';
import type { HostsContext } from './hosts-context';
import { K3sPhases } from './k3s/k3s-phases.step';
import { addKnownTokens } from './lib/known-tokens';
import type { Machine } from './machine';
import { Nfs } from './nfs/nfs.step';
import { NfsClient } from './nfs-client/nfs-client.step';
import { OwnSteps } from './own-steps/own-steps.step';
import { Prepare, prepareFiles } from './prepare/prepare.step';
import { Watch } from './watch/watch.step';

/** All steps on all hosts, in the order they depend on each other. */
export class HostsStack extends TerraformStack {
  constructor(app: App, topology: Topology, context: HostsContext) {
    super(app, 'hosts');
    new StateBackend(this, topology);
    if (topology.provisioner === 'null-resource') new NullProvider(this, 'null');

    if (topology.hosts.some(isDeferrable))
      this.addOverride(`variable.${deferredVariable}`, {
        type: 'set(string)',
        default: [],
        description:
          'Hosts that are off: nothing is done on them this time, and everything at the next apply without them.',
      });
    addKnownTokens(this);
    guardHostKeys(this, topology);
    const membership = new Membership(this, 'membership', topology);
    const own = new OwnSteps(this, topology);
    const machines = this.machines(topology, membership, own);
    guardMachines(
      this,
      topology,
      [...machines.values()].map(({ prepare }) => prepare),
    );
    const databases = this.databases(topology, machines);
    const nfs = this.storage(topology, machines);
    guardData(this, topology, { database: databases, nfs });
    new K3sPhases(this, 'k3s', { topology, context, machines, databases });
    own.addRest(this.remoteSteps);
    this.watches(topology);
    guardRecords(this, topology);
    addFinished(this, topology, this.remoteSteps);
  }

  /** All steps, roughly in the order of an apply. */
  get steps(): SynthesizedStep[] {
    return this.remoteSteps.map(({ description }) => description);
  }

  private get remoteSteps(): RemoteStep[] {
    return this.node.findAll().filter((construct) => construct instanceof RemoteStep);
  }

  override toTerraform() {
    const config = super.toTerraform();
    PlainResources.of(this).addTo(config);
    // Exempt from cdktf's search for tokens.
    const locals = {
      ...config.locals,
      ...commandLocals,
      ...confirmRunsLocal,
      ...StepFolders.of(this).locals(),
    };
    return { ...config, locals };
  }

  /** Hosts look after themselves when all else is done on them. */
  private watches(topology: Topology): void {
    const { every } = topology.watch ?? {};
    if (every === undefined) return;
    const known = new Map<string, StepFiles>();
    const steps = this.remoteSteps;
    for (const host of topology.hosts) {
      if (callsOf(host, topology).length === 0) continue;
      const dependsOn = steps.filter(({ description }) => description.host === host.name);
      new Watch(this, `${host.name}-watch`, { host, topology, every, known, dependsOn });
    }
  }

  /** Prepares every machine for its roles, all at once. */
  private machines(topology: Topology, membership: Membership, own: OwnSteps): Map<Host, Machine> {
    const files = { prepare: prepareFiles(topology), firewall: firewallFiles(topology) };
    return new Map(
      topology.hosts.map((host) => {
        const prepare = new Prepare(this, `${host.name}-prepare`, {
          host,
          topology,
          files: files.prepare,
          dependsOn: [membership],
        });
        const dependsOn = [prepare.step];
        const { step: firewall } = new Firewall(this, `${host.name}-firewall`, {
          host,
          topology,
          files: files.firewall,
          dependsOn,
        });
        const ready =
          host.disks.length > 0
            ? new Disks(this, `${host.name}-disks`, { host, topology, dependsOn })
            : prepare;
        const base = [ready.step, ...own.addFirst(host, [prepare.step, ready.step, firewall])];
        return [host, { prepare: prepare.step, base, firewall }];
      }),
    );
  }

  /** The steps that make the databases answer. */
  private databases(topology: Topology, machines: Map<Host, Machine>): RemoteStep[] {
    const { cluster, external } = topology.database;
    if (external) return this.externalDatabase(topology, external, machines);
    if (cluster) return this.databaseCluster(topology, cluster, machines);
    return topology.databases.flatMap((host) => {
      const { base = [], firewall } = machines.get(host) ?? {};
      const database = new Database(this, `${host.name}-database`, { host, topology, dependsOn: base });
      new DatabaseBackup(this, `${host.name}-backup`, { host, topology, dependsOn: [database.step] });
      return [database.step, ...(firewall ? [firewall] : [])];
    });
  }

  /** Every server asks it before the first one starts. Backups wait for no k3s, so that one can be restored before it. */
  private externalDatabase(
    topology: Topology,
    external: External,
    machines: Map<Host, Machine>,
  ): RemoteStep[] {
    return topology.servers.map((host) => {
      const { base: dependsOn = [] } = machines.get(host) ?? {};
      const { step } = new ExternalDatabase(this, `${host.name}-external-database`, {
        ...{ host, topology, external, dependsOn },
      });
      if (topology.backupHosts.includes(host))
        new DatabaseBackup(this, `${host.name}-backup`, { host, topology, dependsOn: [step] });
      return step;
    });
  }

  /**
   * etcd on its hosts, then the database hosts, one after another so that a rollout restarts one at a time.
   * The first host comes last: it creates the database if there is none, which it learns from the others.
   */
  private databaseCluster(
    topology: Topology,
    cluster: DatabaseCluster,
    machines: Map<Host, Machine>,
  ): RemoteStep[] {
    const members: RemoteStep[] = [];
    // In the order of the database hosts' own steps: a migration from an older form starts at the first of
    // both.
    const reversed = [...topology.databases].reverse();
    const others = topology.quorum.filter((host) => !topology.databases.includes(host));
    for (const host of [...reversed, ...others]) {
      const { base = [], firewall } = machines.get(host) ?? {};
      const dependsOn = [...base, ...(firewall ? [firewall] : []), ...members.slice(-1)];
      members.push(new Etcd(this, `${host.name}-etcd`, { host, topology, cluster, dependsOn, base }).step);
    }
    const databases: RemoteStep[] = [];
    for (const host of reversed) {
      const { base = [], firewall } = machines.get(host) ?? {};
      const dependsOn = [
        ...base,
        ...(firewall ? [firewall] : []),
        ...members.slice(-1),
        ...databases.slice(-1),
      ];
      const { step } = new DatabaseMember(this, `${host.name}-database`, {
        host,
        topology,
        cluster,
        dependsOn,
        base,
      });
      databases.push(step);
    }
    for (const host of topology.databases)
      new DatabaseBackup(this, `${host.name}-backup`, { host, topology, dependsOn: databases.slice(-1) });
    return databases.slice(-1);
  }

  /** The NFS server, and a test from every node that nothing else waits for. */
  private storage(topology: Topology, machines: Map<Host, Machine>): RemoteStep[] {
    const { nfs, storage, nodes, provisioner } = topology;
    const served: RemoteStep[] = [];
    if (nfs) {
      const { base = [], firewall } = machines.get(nfs.host) ?? {};
      served.push(new Nfs(this, `${nfs.host.name}-nfs`, { nfs, topology, dependsOn: base }).step);
      if (firewall) served.push(firewall);
    }
    if (!storage) return served;
    for (const host of nodes) {
      const { base = [], firewall } = machines.get(host) ?? {};
      const dependsOn = [...new Set([...base, ...(firewall ? [firewall] : []), ...served])];
      new NfsClient(this, `${host.name}-nfs-client`, { host, storage, provisioner, dependsOn });
    }
    return served;
  }
}
