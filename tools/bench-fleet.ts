// Applies whole fleets with a real Terraform: an SSH server stands in for all hosts and answers after drawn times. Prints
// tables and writes bench-fleet.json. Arguments: numbers of hosts (30,100,300), percentages of agents that are off
// (0,3,10; or `plan`: only synth and plan; or `install`: only that), -parallelism (as `deploy` chooses it), by how much
// shorter times are than measured ones (20). The same arguments draw the same. Needs a network namespace of its own, in
// which the hosts' addresses lead to the stand-in.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { hostsOf } from './fleet/cluster-of';
import { drawn, drawnShare } from './fleet/drawn';
import { Fleet, type FleetState, type Usage } from './fleet/fleet';
import { type Ideal, idealOf } from './fleet/ideal';
import { type Joins, joinsOf } from './fleet/joins';

const numbers = (text: string) => text.split(',').map(Number);
const [sizes = '30,100,300', shares = '0,3,10', parallelism, shorter = '20'] = process.argv.slice(2);
const draw = { seed: 26, scale: 1 / Number(shorter) };
const [version, nextVersion] = ['v1.36.5+k3s1', 'v1.36.6+k3s1'];
const failures = ['prepare', 'k3s-binary', 'k3s'];

/** One apply. */
interface Row {
  readonly hosts: number;
  readonly off: number;
  readonly what: string;
  readonly steps: number;
  readonly failed: boolean;
  readonly seconds: number;
  readonly ideal: Ideal;
  /** Of an install. */
  readonly joins?: Joins;
  readonly synth: Usage;
  readonly plan: Usage;
  readonly apply: Usage;
}

/** One plan. */
interface PlanRow {
  readonly hosts: number;
  readonly synth: Usage;
  readonly plan: Usage;
  /** Of as many resources that do nothing. */
  readonly plain: Usage;
}

/** As `deploy` does it. */
const lanesFor = (hosts: number) => Number(parallelism ?? Math.min(64, Math.max(10, hosts)));

class Trial {
  private readonly all;
  private readonly fleet;
  private readonly agents;

  constructor(
    private readonly size: number,
    private readonly percent: number,
    /** Of all trials. */
    private readonly rows: Row[],
  ) {
    this.all = hostsOf(size + 1);
    this.fleet = new Fleet(this.all, draw);
    this.agents = this.hosts.map(({ name }) => name).filter((name) => name.startsWith('agent'));
  }

  private get hosts() {
    return this.all.slice(0, this.size);
  }

  async run(): Promise<void> {
    const off = drawnShare(draw.seed, this.agents, this.percent / 100);
    const others = this.agents.filter((name) => !off.includes(name)).reverse();
    const failing = Object.fromEntries(
      drawnShare(draw.seed + 1, others, this.percent / 100).map((name) => [
        name,
        failures[Math.floor(drawn(draw.seed, 'failure', name) * failures.length)] ?? '',
      ]),
    );
    try {
      const now = { hosts: this.hosts, off, version };
      await this.apply('install', { ...now, failing });
      if (shares === 'install') return;
      if (this.percent > 0) await this.apply('again', now);
      await this.apply('nothing changed', now);
      await this.apply('one more', { ...now, hosts: this.all });
      const upgraded = { hosts: this.all, off, version: nextVersion };
      await this.apply('upgrade', upgraded);
      if (off.length > 0) await this.apply('they return', { ...upgraded, off: [] });
      else await this.remove();
    } finally {
      this.fleet.end();
    }
  }

  /** What the first plan takes, beside one of as many resources that do nothing. */
  async plan(): Promise<PlanRow> {
    try {
      const synth = await this.fleet.become({ hosts: this.hosts, off: [], version });
      await this.fleet.terraform('init', '-input=false');
      const plan = await this.fleet.plan();
      return { hosts: this.size, synth, plan, plain: await this.fleet.planPlain() };
    } finally {
      this.fleet.end();
    }
  }

  /** A fifth of the agents leaves, half of them dead. */
  private async remove(): Promise<void> {
    const leaving = drawnShare(draw.seed, this.agents, 0.2);
    const dead = leaving.slice(0, leaving.length / 2);
    const hosts = this.all.filter(({ name }) => !leaving.includes(name));
    await this.apply(`${leaving.length} leave, ${dead.length} dead`, {
      hosts,
      off: dead,
      version: nextVersion,
    });
  }

  private async apply(what: string, state: FleetState): Promise<void> {
    const lanes = lanesFor(this.size);
    const synth = await this.fleet.become(state);
    const deferred = state.off.filter((name) => state.hosts.some((host) => host.name === name));
    if (what === 'install') await this.fleet.terraform('init', '-input=false');
    const plan = await this.fleet.plan(deferred);
    if (plan.status !== 0) throw new Error(plan.output);
    const apply = await this.fleet.terraform(
      ...['apply', '-input=false', '-no-color', `-parallelism=${lanes}`, 'plan'],
    );
    const ran = await this.fleet.ran();
    if (apply.status !== 0 && !state.failing) throw new Error(apply.output);
    this.rows.push({
      ...{ hosts: this.size, off: state.off.length, what, steps: ran.length, failed: apply.status !== 0 },
      ...{ seconds: apply.seconds, ideal: idealOf(ran, this.fleet.dependencies(), lanes) },
      ...(what === 'install' && { joins: joinsOf(ran, lanes) }),
      ...{ synth, plan, apply },
    });
    console.log(`${this.size} hosts, ${this.percent} %: ${what} ${apply.seconds.toFixed(0)} s`);
    writeFileSync(
      'bench-fleet.json',
      `${JSON.stringify({ machine: machine(), draw, rows: this.rows }, undefined, 2)}\n`,
    );
  }
}

const machine = () => `${cpus().length} × ${cpus()[0]?.model}, load ${loadavg()[0]?.toFixed(1)}`;

function print(rows: readonly Row[]): void {
  console.table(
    rows.map(({ hosts, off, what, steps, failed, seconds, ideal, joins, synth, plan, apply }) => ({
      ...{ hosts, off, '': what, steps, exit: failed ? 1 : 0 },
      ...{ 'apply s': seconds.toFixed(1), 'ideal s': ideal.seconds.toFixed(1) },
      ...{ 'longest chain s': ideal.longestChain.toFixed(1), 'longest join s': joins?.longest.toFixed(1) },
      '3 × join × hosts / lanes s': joins?.bound.toFixed(1),
      'processor s: synth': synth.processorSeconds.toFixed(1),
      plan: plan.processorSeconds.toFixed(1),
      apply: apply.processorSeconds.toFixed(1),
      'MB: synth': synth.peakMegabytes,
      'plan ': plan.peakMegabytes,
      'apply ': apply.peakMegabytes,
    })),
  );
}

function printPlans(rows: readonly PlanRow[]): void {
  const figures = ({ synth, plan, plain }: PlanRow) => ({ synth, plan, 'as many that do nothing': plain });
  console.table(
    rows.map((row) => ({
      hosts: row.hosts,
      ...Object.fromEntries(
        Object.entries(figures(row)).flatMap(([name, { processorSeconds, peakMegabytes }]) => [
          [`${name}: processor s`, processorSeconds.toFixed(1)],
          [`${name}: MB`, peakMegabytes],
        ]),
      ),
    })),
  );
  const times = (one: Usage, other: Usage) => (one.processorSeconds / other.processorSeconds).toFixed(1);
  rows.forEach(({ hosts, plan, plain }, index) => {
    console.log(`plan of ${hosts} hosts: ${times(plan, plain)} × as many resources that do nothing`);
    const before = rows[index - 1];
    if (before) console.log(`  ${times(plan, before.plan)} × the plan of ${before.hosts} hosts`);
  });
}

/** The hosts' network, in a new namespace: where loopback is up, it is the machine's own. */
const network = `[ -z "$(ip -o link show lo up)" ]
ip link set lo up
ip route add local 10.9.0.0/16 dev lo
ip link add dark type bridge
ip link set dark up`;

async function main(): Promise<void> {
  const made = spawnSync('sh', ['-ec', network], { encoding: 'utf8' });
  if (made.status !== 0)
    throw new Error(
      `the hosts' network cannot be made: is this run with npm run bench:fleet? ${made.stderr}`,
    );
  const rows: Row[] = [];
  if (shares === 'plan') {
    const plans: PlanRow[] = [];
    for (const size of numbers(sizes)) plans.push(await new Trial(size, 0, rows).plan());
    console.log(machine());
    return printPlans(plans);
  }
  try {
    for (const size of numbers(sizes))
      for (const percent of shares === 'install' ? [0] : numbers(shares))
        await new Trial(size, percent, rows).run();
  } finally {
    console.log(`${machine()}; drawn times are 1/${shorter} of measured ones; seed ${draw.seed}`);
    print(rows);
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
