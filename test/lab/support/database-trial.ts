import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../wait';
import { Databases } from './databases';
import { report } from './report';
import { TestCluster, type TestHost } from './test-cluster';
import { Writer } from './writer';

/** Generous: what is asserted is that writes go on. How soon is reported. */
export const soon = 120_000;

/** A cluster with several database hosts under a client that writes all the time. */
export class DatabaseTrial {
  readonly databases: Databases;
  /** Keys at the top of cluster.yaml, besides those of all labs. */
  settings: Readonly<Record<string, unknown>> = {};
  private running: Writer | undefined;

  private constructor(readonly cluster: TestCluster) {
    this.databases = new Databases(cluster);
  }

  /**
   * Bare hosts: two of the role `database`, and servers.
   *
   * @param network the first three bytes of the hosts' addresses
   */
  static async up(
    network: string,
    databases: readonly Omit<TestHost, 'number'>[],
    servers: number,
  ): Promise<DatabaseTrial> {
    const hosts = [
      ...databases.map((host, index) => ({ ...host, number: 21 + index })),
      ...Array.from({ length: servers }, (_, index) => ({
        name: `server${index + 1}`,
        number: 11 + index,
        roles: ['server'],
      })),
    ];
    const name = `test-${databases.length}-${servers}-databases-${process.pid}`;
    const cluster = await TestCluster.up(name, network, hosts);
    const { binary } = cluster;
    report(`k3s is ${binary.standIn ? "the lab's stand-in" : `real, ${binary.path}`} ${binary.version}`);
    return new DatabaseTrial(cluster);
  }

  /** From bare hosts to a client whose writes are acknowledged. */
  async begin(): Promise<void> {
    const { cluster } = this;
    const { project } = cluster;
    project.write(this.yaml());
    await project.k3sCdk('init', '--yes');
    await project.k3sCdk('synth');
    await project.init();
    const { seconds } = await project.apply();
    await cluster.fetchCa();
    if (this.databases.names.length > 1) await this.databases.whole();
    report(`apply from bare hosts: ${seconds.toFixed(1)} s`);
    this.running = cluster.binary.standIn
      ? await Writer.ofRows(cluster, this.databases)
      : await Writer.ofObjects(cluster, this.databases);
    this.writer.start();
    await waitFor('the first writes are acknowledged', () => this.writer.acknowledged.length > 10, {
      timeout: soon,
    });
  }

  /** Writes cluster.yaml anew and applies it; returns the steps that ran. */
  async change(hosts: Readonly<Record<string, object>> = {}): Promise<readonly string[]> {
    const { project } = this.cluster;
    project.write(this.yaml(hosts));
    await project.k3sCdk('init', '--yes');
    await project.k3sCdk('synth');
    return (await project.apply()).steps;
  }

  /** One server needs no virtual IP. */
  private yaml(hosts: Readonly<Record<string, object>> = {}): object {
    const api = this.cluster.names('server').length > 1 ? {} : { api: undefined };
    return this.cluster.yaml({ ...api, ...this.settings }, hosts);
  }

  get writer(): Writer {
    if (!this.running) throw new Error('no client writes: the first apply has failed');
    return this.running;
  }

  /** Milliseconds in which nothing was acknowledged at the longest, from a moment until writes have gone on for a while. */
  async outageSince(moment: number): Promise<number> {
    const { writer } = this;
    await waitFor(
      'writes are acknowledged again',
      () => writer.last > moment && writer.last > Date.now() - 1000,
      {
        timeout: soon,
        interval: 100,
        explain: () => `the last one ${Date.now() - writer.last} ms ago`,
      },
    );
    await sleep(3000);
    return writer.outage(moment);
  }

  /** All hosts reboot at once, and the cluster serves again by itself: what a change has left must be on disks, too. */
  async reboot(): Promise<void> {
    this.writer.stop();
    await Promise.all(this.cluster.lab.hosts.filter((host) => host.isRunning()).map((host) => host.reboot()));
    const booted = Date.now();
    this.writer.start();
    report(`all hosts rebooted: ${await this.outageSince(booted)} ms until writes are acknowledged`);
    if (this.databases.names.length > 1) await this.databases.whole(300_000);
    await this.nothingLost();
  }

  /** All that was acknowledged is in Postgres, and clients get to see it. */
  async nothingLost(): Promise<void> {
    expect(await this.writer.lost()).toEqual([]);
    const began = Date.now();
    let unseen: number[] = [];
    await waitFor(
      'clients see what was acknowledged',
      async () => {
        unseen = await this.writer.unseen();
        return unseen.length === 0;
      },
      { timeout: soon, interval: 1000, explain: () => `not ${unseen.slice(0, 20).join(' ')} …` },
    );
    if (Date.now() - began > 10_000) report(`clients saw all of it ${Date.now() - began} ms later`);
  }

  /** Who takes writes, asked for some seconds: never two at the same time. */
  async writableDuring(seconds: number): Promise<string[]> {
    const { names } = this.databases;
    const seen: string[] = [];
    const end = Date.now() + seconds * 1000;
    while (Date.now() < end) {
      const takes = await Promise.all(names.map((name) => this.databases.takesWrites(name)));
      const writable = names.filter((_, index) => takes[index]);
      expect(writable.length).toBeLessThan(2);
      const found = writable[0] ?? 'none';
      if (found !== seen.at(-1)) seen.push(found);
      await sleep(500);
    }
    return seen;
  }

  /** How often systemd has started k3s again on servers, since they booted. */
  async restartsOfK3s(): Promise<number> {
    let all = 0;
    for (const name of this.cluster.names('server')) {
      const { stdout } = await this.cluster.lab
        .host(name)
        .exec('systemctl show --property NRestarts --value k3s.service');
      all += Number(stdout);
    }
    return all;
  }

  /** Takes everything down; what is left nevertheless is a failure. */
  async down(): Promise<void> {
    this.running?.stop();
    expect(await this.cluster.down()).toEqual([]);
  }
}
