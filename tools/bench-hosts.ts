// Times a deployment in the lab: from bare hosts to an API at the virtual IP, an apply without changes, a change of one
// host, and outages. Prints tables and writes bench-hosts.json. Argument: how often outages are
// made (3); with 0 there is none. LAB_PROVISIONER=builtin does without the null provider.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { containers } from '../test/lab/container/container-kind';
import { whyNoLab } from '../test/lab/requirements';
import { ApiWatch } from '../test/lab/support/api-watch';
import { holder, mishaps } from '../test/lab/support/mishaps';
import { canApply } from '../test/lab/support/project';
import { TestCluster } from '../test/lab/support/test-cluster';

const runs = Number(process.argv[2] ?? 3);

interface Traffic {
  /** SSH connections that the hosts accepted, by host. */
  readonly connections: Readonly<Record<string, number>>;
  /** Bytes that the operator sent to the hosts, on the wire: what its end of the lab's bridge counts. */
  readonly sentBytes: number;
}

/** Seconds since the apply began. */
interface TimedStep {
  readonly step: string;
  readonly began: number;
  readonly seconds: number;
}

interface Bench {
  readonly machine: string;
  readonly k3s: string;
  readonly provisioner: string;
  readonly bare: Traffic & {
    readonly apiReadySeconds: number;
    readonly endOfApplySeconds: number;
    readonly steps: readonly TimedStep[];
    /** The steps that the end waited for: each with the last of those that it depends on before it. */
    readonly criticalPath: readonly string[];
  };
  readonly noChange: Traffic & { readonly applySeconds: number[]; readonly emptyPlanSeconds: number[] };
  readonly oneLabel: Traffic & { readonly seconds: number; readonly steps: readonly string[] };
  readonly outageMilliseconds: Readonly<Record<string, number[]>>;
}

const seconds = (milliseconds: number) => Math.round(milliseconds) / 1000;

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Where a machine is busy with other things, the best of several is what the thing itself takes. */
function bestAndMedian(values: readonly number[]): string {
  return `${Math.min(...values).toFixed(2)} / ${median(values).toFixed(2)}`;
}

async function timed(action: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await action();
  return seconds(performance.now() - began);
}

/** What an action costs on the network. */
async function measured<T>(cluster: TestCluster, action: () => Promise<T>): Promise<T & Traffic> {
  const look = async () => ({
    sent: Number((await cluster.lab.run('cat', ['/sys/class/net/bridge/statistics/tx_bytes'])).stdout),
    connections: await Promise.all(cluster.lab.hosts.map((host) => host.sshConnections())),
  });
  const before = await look();
  const result = await action();
  const after = await look();
  const connections = cluster.lab.hosts.map(({ name }, index) => [
    name,
    (after.connections[index] ?? 0) - (before.connections[index] ?? 0),
  ]);
  return {
    ...result,
    connections: Object.fromEntries(connections) as Traffic['connections'],
    sentBytes: after.sent - before.sent,
  };
}

async function fromBareHosts(cluster: TestCluster) {
  const watch = new ApiWatch(cluster.lab, cluster.vip);
  try {
    const began = Date.now();
    const timeline = await cluster.project.applyTimed();
    const end = Date.now();
    await watch.steady(500, 60_000);
    const steps = timeline.map((step) => ({
      step: step.step,
      began: seconds(step.began - began),
      seconds: seconds(step.ended - step.began),
    }));
    return {
      apiReadySeconds: seconds((watch.firstReady ?? Number.NaN) - began),
      endOfApplySeconds: seconds(end - began),
      steps,
      criticalPath: criticalPath(steps, cluster.project.dependencies()),
    };
  } finally {
    watch.stop();
  }
}

/** From the step that ended last back to one that waited for none. */
function criticalPath(
  steps: readonly TimedStep[],
  dependencies: ReadonlyMap<string, readonly string[]>,
): string[] {
  const last = (among: readonly TimedStep[]) =>
    [...among].sort((a, b) => b.began + b.seconds - a.began - a.seconds)[0];
  const path: TimedStep[] = [];
  let next = last(steps);
  while (next !== undefined) {
    path.unshift(next);
    const before = dependencies.get(next.step) ?? [];
    next = last(steps.filter(({ step }) => before.includes(step)));
  }
  return path.map(({ step, seconds }) => `${step} ${seconds.toFixed(1)}`);
}

/** In turn, so that a machine whose speed drifts drifts for both. */
async function withoutChanges(cluster: TestCluster) {
  const empty = mkdtempSync(join(tmpdir(), 'empty-configuration-'));
  writeFileSync(join(empty, 'main.tf'), 'terraform {}\n');
  const [applySeconds, emptyPlanSeconds]: [number[], number[]] = [[], []];
  for (let run = 0; run < Math.max(runs, 9); run += 1) {
    applySeconds.push(await timed(() => cluster.project.apply()));
    emptyPlanSeconds.push(
      await timed(async () => {
        const { status, stderr } = await cluster.project.terraformIn(empty, 'plan', '-input=false');
        if (status !== 0) throw new Error(`terraform plan of nothing exits ${status}: ${stderr}`);
      }),
    );
  }
  rmSync(empty, { recursive: true });
  return { applySeconds, emptyPlanSeconds };
}

async function oneLabel(cluster: TestCluster) {
  cluster.project.write(cluster.yaml({}, { server2: { labels: { bench: 'yes' } } }));
  await cluster.project.k3sCdk('synth');
  const { seconds, steps } = await cluster.project.apply();
  return { seconds, steps };
}

async function outages(cluster: TestCluster) {
  const result: Record<string, number[]> = {};
  if (runs > 0) await cluster.fetchCa();
  for (const [what, happen] of Object.entries(runs > 0 ? mishaps : {})) {
    result[what] = [];
    for (let run = 0; run < runs; run += 1) {
      await cluster.whole();
      await holder(cluster);
      const watch = new ApiWatch(cluster.lab, cluster.vip);
      try {
        await watch.steady(2000, 60_000);
        const since = Date.now();
        const mend = await happen(cluster);
        // A consequence may come late: health checks, restarts.
        await new Promise((resolve) => setTimeout(resolve, 15_000));
        await watch.steady(2000, 120_000);
        result[what].push(watch.longestOutage(since));
        await mend();
      } finally {
        watch.stop();
      }
    }
  }
  return result;
}

function print({ machine, k3s, provisioner, bare, noChange, oneLabel, outageMilliseconds }: Bench): void {
  const row = ({ connections, sentBytes }: Traffic) => ({
    'SSH connections': Object.entries(connections)
      .map(([host, count]) => `${host} ${count}`)
      .join(', '),
    'MB sent': (sentBytes / 1e6).toFixed(1),
  });
  console.log(`${machine}, k3s ${k3s}, ${provisioner}; 1 database and NFS host, 2 servers`);
  console.table(
    bare.steps.map(({ step, began, seconds }) => ({
      step,
      'began s': began.toFixed(1),
      'took s': seconds.toFixed(1),
    })),
  );
  console.log(`critical path: ${bare.criticalPath.join(' → ')}`);
  console.table([
    { '': 'bare hosts to API at the virtual IP', s: bare.apiReadySeconds.toFixed(1) },
    { '': 'bare hosts to the end of apply', s: bare.endOfApplySeconds.toFixed(1), ...row(bare) },
    {
      '': 'apply without changes (best / median)',
      s: bestAndMedian(noChange.applySeconds),
      ...row(noChange),
    },
    { '': 'plan of an empty configuration (same)', s: bestAndMedian(noChange.emptyPlanSeconds) },
    { '': `one label: ${oneLabel.steps.join(' ')}`, s: oneLabel.seconds.toFixed(1), ...row(oneLabel) },
  ]);
  const perStep = Object.entries(bare.connections).map(
    ([host, count]) => count / bare.steps.filter(({ step }) => step.startsWith(`${host}_`)).length,
  );
  console.log(`SSH connections per host and step, on average: at most ${Math.max(...perStep).toFixed(1)}`);
  if (runs === 0) return;
  console.table(
    Object.entries(outageMilliseconds).map(([what, times]) => ({
      'outage at the virtual IP when': what,
      'median ms': median(times),
      'all ms': times.join(' '),
    })),
  );
}

async function main(): Promise<void> {
  const reason = canApply ? await whyNoLab(containers, console.log) : 'neither terraform nor tofu is there';
  if (reason !== undefined) return console.log(`skipped: ${reason}`);
  const load = loadavg()[0]?.toFixed(1);
  const cluster = await TestCluster.up(`bench-${process.pid}`, '10.76.0', [
    {
      name: 'storage1',
      number: 10,
      roles: ['database', 'nfs'],
      disks: ['/dev/disk/by-id/ata-SSD1', '/dev/disk/by-id/ata-SSD2'].map((device) => ({ device })),
    },
    { name: 'server1', number: 11, roles: ['server'] },
    { name: 'server2', number: 12, roles: ['server'] },
  ]);
  try {
    cluster.project.write(cluster.yaml());
    await cluster.project.k3sCdk('init', '--yes');
    await cluster.project.k3sCdk('synth');
    await cluster.project.init();
    const bench: Bench = {
      machine: `${cpus().length} × ${cpus()[0]?.model}, load ${load} before`,
      k3s: `${cluster.binary.version}${cluster.binary.standIn ? ' (stand-in)' : ''}`,
      provisioner: cluster.project.tools.provisioner,
      bare: await measured(cluster, () => fromBareHosts(cluster)),
      noChange: await measured(cluster, () => withoutChanges(cluster)),
      oneLabel: await measured(cluster, () => oneLabel(cluster)),
      outageMilliseconds: await outages(cluster),
    };
    print(bench);
    writeFileSync('bench-hosts.json', `${JSON.stringify(bench, null, 2)}\n`);
  } finally {
    await cluster.down();
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
