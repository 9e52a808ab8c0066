import type { Wanted } from './described';
import { wantedYaml } from './described';
import { Random } from './random';
import type { TestCluster } from './test-cluster';

/** What a step prints when it begins its work, of whichever host: there an apply dies. */
const deaths = [
  '_firewall: Provisioning',
  '_k3s: Provisioning',
  '_load-balancer: Provisioning',
  'Destroying...',
];

/**
 * What may happen to a cluster in the hands of people and power companies: hosts come and go, settings change, things die,
 * applies are killed. What comes next is random, and the same for the same seed.
 */
export class RandomLife {
  /** In words, for the report. */
  readonly events: string[] = [];
  wanted: Wanted;
  private readonly random: Random;

  constructor(
    private readonly cluster: TestCluster,
    seed: number,
    wanted: Wanted,
  ) {
    this.random = new Random(seed);
    this.wanted = wanted;
  }

  async live(events: number): Promise<void> {
    for (let count = 0; count < events; count += 1) {
      const [what, happen] = this.random.one(Object.entries(this.possible()));
      this.events.push(what);
      await happen();
      // People often change several things at once.
      if (this.random.chance(0.6)) await this.apply();
    }
  }

  /** Power comes back. What left the cluster while it was off is installed anew, as its owner has to. */
  async mend(): Promise<void> {
    for (const name of this.cluster.names('server')) {
      const host = this.cluster.lab.host(name);
      if (host.isRunning()) continue;
      if (this.cluster.absent.has(name)) await this.cluster.replace(name);
      else await host.boot();
    }
  }

  private possible(): Record<string, () => Promise<void>> {
    const { cluster } = this;
    const members = cluster.members('server');
    const others = cluster.names('server').filter((name) => cluster.absent.has(name));
    const off = members.filter((name) => !cluster.lab.host(name).isRunning());
    const on = members.filter((name) => !off.includes(name));
    const possible: Record<string, () => Promise<void>> = {
      'the virtual IP moves': async () => {
        cluster.vip = cluster.vip.replace(/\d+$/, (byte) => (byte === '5' ? '6' : '5'));
      },
      'the port moves': async () => {
        cluster.port = cluster.port === 6443 ? 8443 : 6443;
      },
      'a timeout changes': async () => {
        this.wanted = { ...this.wanted, idleTimeout: `${1 + this.random.below(9)}h` };
      },
      'a setting of k3s changes': async () => {
        this.wanted = { ...this.wanted, eventTtl: `${1 + this.random.below(9)}h` };
      },
      'a setting of Postgres changes': async () => {
        this.wanted = { ...this.wanted, workMem: `${5 + this.random.below(9)}MB` };
      },
      'Postgres is restarted': () => cluster.postgres('restart'),
    };
    if (others.length > 0) {
      const name = this.random.one(others);
      possible[`${name} comes`] = async () => {
        if (!cluster.lab.host(name).isRunning()) await cluster.replace(name);
        else await cluster.makeFit(name);
        cluster.absent.delete(name);
      };
    }
    if (members.length > 1) {
      const name = this.random.one(members);
      possible[`${name} goes${off.includes(name) ? ', dead' : ''}`] = async () => {
        cluster.absent.add(name);
      };
    }
    if (on.length > 0) {
      const name = this.random.one(on);
      const host = cluster.lab.host(name);
      possible[`${name} reboots`] = () => host.reboot();
      const unit = this.random.one(['k3s', 'haproxy', 'keepalived']);
      possible[`${unit} is stopped on ${name}`] = async () => {
        await host.exec(`systemctl stop ${unit}`, { allowFailure: true });
      };
    }
    if (on.length > 1) {
      const name = this.random.one(on);
      possible[`${name} loses power`] = () => cluster.lab.host(name).powerOff();
    }
    return possible;
  }

  /** May fail, as hosts are off, and may be killed. */
  private async apply(): Promise<void> {
    const { cluster } = this;
    cluster.project.write(cluster.yaml(wantedYaml(cluster, this.wanted)));
    // Fails where a new host is off; then there is nothing to apply yet.
    const ready = await cluster.project.k3sCdk('init', '--yes').then(
      () => true,
      () => false,
    );
    if (!ready) {
      this.events.push('init fails');
      return;
    }
    await cluster.project.k3sCdk('synth');
    if (this.random.chance(0.3)) {
      const point = this.random.one(deaths);
      const killed = await cluster.project.applyKilledAt(point);
      this.events.push(killed ? `apply is killed at '${point}'` : 'apply');
      return;
    }
    const { status } = await cluster.project.startApply().ended;
    this.events.push(status === 0 ? 'apply' : 'apply fails');
  }
}
