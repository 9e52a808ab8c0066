// What a cluster at rest costs its hosts, with Postgres and with k3s's embedded etcd on the same hosts: bytes written a
// day, flushes, memory and processor. All clusters of the lab run side by side, so that a machine that is busy with other
// things is so for all. Prints a table for each and writes bench-datastore.json. Arguments: minutes that are measured
// (10), minutes before (5), and the clusters, by default all of `clusters` below.
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { containers } from '../test/lab/container/container-kind';
import { k3sBinary } from '../test/lab/k3s-binary';
import { whyNoLab } from '../test/lab/requirements';
import { Databases } from '../test/lab/support/databases';
import { canApply } from '../test/lab/support/project';
import { TestCluster } from '../test/lab/support/test-cluster';
import { type HostUsage, usageOf } from '../test/lab/support/usage';
import { waitFor } from '../test/lab/wait';

/** Roles of each host; of the database, how many have it in the end. */
const clusters: Readonly<
  Record<string, { readonly databases: number; readonly servers: number; readonly isEtcd?: true }>
> = {
  'Postgres, 2 hosts': { databases: 1, servers: 2 },
  'etcd, 2 hosts': { databases: 1, servers: 2, isEtcd: true },
  'Patroni on 2 of 3 hosts': { databases: 2, servers: 3 },
  'etcd, 3 hosts': { databases: 1, servers: 3, isEtcd: true },
};

/** How long a server that is left may take to accept writes again, in milliseconds. */
const patience = 90_000;

/** Port of k3s's own API server. */
const serverPort = 7443;

interface Running {
  readonly cluster: TestCluster;
  readonly kubelets: ChildProcess;
}

async function up(title: string, number: number): Promise<TestCluster> {
  const { databases = 0, servers = 0, isEtcd } = clusters[title] ?? {};
  const hosts = Array.from({ length: servers }, (_, index) => ({
    name: `server${index + 1}`,
    number: 11 + index,
    roles: index < databases ? ['database', 'server'] : ['server'],
    // A disk of its own for everything that the host writes.
    storage: 6144,
  }));
  const cluster = await TestCluster.up(`bench-datastore-${number}-${process.pid}`, `10.77.${number}`, hosts);
  try {
    await cluster.begin();
    if (databases > 1) await new Databases(cluster).whole();
    if (isEtcd) await embedEtcd(cluster);
    return cluster;
  } catch (error) {
    await cluster.down();
    throw error;
  }
}

/** Starts the servers anew with embedded etcd, and switches Postgres off; everything else of the hosts stays as it is. */
async function embedEtcd(cluster: TestCluster): Promise<void> {
  const [first, ...others] = cluster.members('server').map((name) => cluster.lab.host(name));
  if (!first) throw new Error('there is no server');
  for (const host of [...others, first]) await host.exec('systemctl stop k3s');
  await cluster.postgres('stop');
  const start = `rm -rf /var/lib/rancher/k3s/server/db
sed -i '/^datastore-/d' /etc/rancher/k3s/config.yaml
echo "$1" >>/etc/rancher/k3s/config.yaml
systemctl start k3s`;
  await first.exec(start, { args: ['cluster-init: true'] });
  for (const host of others)
    await host.exec(start, { args: [`server: "https://${first.address}:${serverPort}"`] });
  await cluster.whole();
}

/** Containers run no kubelet, but nodes that write nothing would flatter every datastore. */
function startKubelets(cluster: TestCluster): ChildProcess {
  const program = join(__dirname, '../test/lab/support/kubelet-heartbeats.js');
  const nodes = cluster.members('server').map((name) => `${name}=${cluster.lab.host(name).address}`);
  const args = [program, cluster.project.folder, String(serverPort), ...nodes];
  return spawn('ip', ['netns', 'exec', cluster.lab.namespace, process.execPath, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

async function nodesReady({ cluster }: Running): Promise<void> {
  const servers = cluster.members('server');
  let seen = '';
  await waitFor(
    'the API counts every node as ready',
    async () => {
      seen = await cluster.kubectl('get nodes --no-headers');
      return servers.every((name) => new RegExp(`^${name} +Ready `, 'm').test(seen));
    },
    { timeout: 120_000, interval: 2000, explain: () => seen },
  );
}

interface Rates {
  readonly cpuSecondsAMinute: number;
  readonly memoryMiB: number;
}

interface HostRates {
  readonly disk: {
    readonly writtenGBaDay: number;
    readonly writesAMinute: number;
    readonly flushesAMinute: number;
  };
  readonly parts: Readonly<Record<string, Rates>>;
}

function ratesOf(before: HostUsage, after: HostUsage, seconds: number): HostRates {
  const gigabytes = (bytes: number) => ((bytes / seconds) * 86_400) / 1e9;
  const aMinute = (count: number) => (count / seconds) * 60;
  return {
    disk: {
      writtenGBaDay: gigabytes(after.disk.bytes - before.disk.bytes),
      writesAMinute: aMinute(after.disk.writes - before.disk.writes),
      flushesAMinute: aMinute(after.disk.flushes - before.disk.flushes),
    },
    parts: Object.fromEntries(
      Object.entries(after.parts).map(([name, { cpu, memory }]) => [
        name,
        {
          cpuSecondsAMinute: aMinute(cpu - (before.parts[name]?.cpu ?? 0)),
          memoryMiB: memory / 2 ** 20,
        },
      ]),
    ),
  };
}

function print(title: string, hosts: Readonly<Record<string, HostRates>>): void {
  console.log(`\n${title}`);
  console.table(
    Object.entries(hosts).flatMap(([host, { disk, parts }]) => [
      {
        ...{ host, of: 'its disk', 'GB a day': disk.writtenGBaDay.toFixed(2) },
        ...{ 'writes / min': disk.writesAMinute.toFixed(0), 'flushes / min': disk.flushesAMinute.toFixed(0) },
      },
      ...Object.entries(parts)
        .filter(([, { memoryMiB }]) => memoryMiB > 0)
        .map(([of, { cpuSecondsAMinute, memoryMiB }]) => ({
          ...{ host, of, 'CPU s / min': cpuSecondsAMinute.toFixed(2), MiB: memoryMiB.toFixed(0) },
        })),
    ]),
  );
}

async function look({ cluster }: Running): Promise<{ at: number; hosts: Map<string, HostUsage> }> {
  const hosts = new Map<string, HostUsage>();
  for (const host of cluster.lab.hosts) hosts.set(host.name, await usageOf(host));
  return { at: Date.now(), hosts };
}

async function measure(running: ReadonlyMap<string, Running>, minutes: number) {
  const before = new Map<string, Awaited<ReturnType<typeof look>>>();
  for (const [title, each] of running) before.set(title, await look(each));
  await sleep(minutes * 60_000);
  const result: Record<string, Record<string, HostRates>> = {};
  for (const [title, each] of running) {
    const [from, to] = [before.get(title), await look(each)];
    if (!from) continue;
    const seconds = (to.at - from.at) / 1000;
    result[title] = Object.fromEntries(
      [...to.hosts].map(([name, usage]) => [name, ratesOf(from.hosts.get(name) ?? usage, usage, seconds)]),
    );
    await nodesReady(each);
  }
  return result;
}

/** A load balancer also answers for its server while that is not ready. */
async function serveThemselves(cluster: TestCluster): Promise<void> {
  for (const name of cluster.members('server')) {
    const ask = '/usr/local/bin/k3s kubectl --kubeconfig /etc/rancher/k3s/k3s.yaml get --raw /readyz';
    const answer = () => cluster.lab.host(name).exec(ask, { allowFailure: true });
    await waitFor(`${name} is ready`, async () => (await answer()).status === 0, {
      timeout: 240_000,
      interval: 1000,
    });
  }
}

/** Seconds from the loss of a host until a server that is left accepts a write; undefined when none does. */
async function lossOf(cluster: TestCluster, name: string): Promise<number | undefined> {
  const began = Date.now();
  await cluster.lab.host(name).powerOff();
  const write = `create configmap loss-${began} --request-timeout=2s`;
  try {
    await waitFor('a write is accepted', () => cluster.kubectl(write).then(Boolean, () => false), {
      timeout: patience,
      interval: 200,
    });
    return (Date.now() - began) / 1000;
  } catch {
    return undefined;
  } finally {
    await cluster.lab.host(name).boot();
    await cluster.whole();
    await serveThemselves(cluster);
  }
}

async function losses({ cluster }: Running, databases: number): Promise<Record<string, string>> {
  const result: Record<string, string> = {};
  for (const name of [cluster.members('server').at(-1) ?? '', 'server1']) {
    const seconds = await lossOf(cluster, name);
    result[name] = seconds === undefined ? 'no writes until it is back' : `${seconds.toFixed(1)} s`;
    if (databases > 1) await new Databases(cluster).whole();
  }
  return result;
}

async function main(): Promise<void> {
  const [minutes = '10', settling = '5', ...chosen] = process.argv.slice(2);
  const reason = canApply ? await whyNoLab(containers, console.log) : 'neither terraform nor tofu is there';
  if (reason !== undefined) return console.log(`skipped: ${reason}`);
  const { version, standIn } = await k3sBinary();
  if (standIn) return console.log('skipped: there is no k3s, only a stand-in without a datastore of its own');
  const running = new Map<string, Running>();
  try {
    for (const [number, title] of (chosen.length > 0 ? chosen : Object.keys(clusters)).entries()) {
      const cluster = await up(title, number);
      running.set(title, { cluster, kubelets: startKubelets(cluster) });
      console.log(`up: ${title}`);
    }
    for (const each of running.values()) await nodesReady(each);
    await sleep(Number(settling) * 60_000);
    const load = loadavg()[0]?.toFixed(1);
    const measured = await measure(running, Number(minutes));
    const machine = `${cpus().length} × ${cpus()[0]?.model}, load ${load} before and ${loadavg()[0]?.toFixed(1)} after`;
    console.log(`\nk3s ${version}, ${minutes} minutes at rest after ${settling}; ${machine}`);
    for (const [title, hosts] of Object.entries(measured)) print(title, hosts);
    for (const { kubelets } of running.values()) kubelets.kill();
    const lost: Record<string, Record<string, string>> = {};
    for (const [title, each] of running) lost[title] = await losses(each, clusters[title]?.databases ?? 1);
    console.log('\nuntil writes are accepted after a host loses power');
    console.table(lost);
    const bench = { machine, k3s: version, minutes, measured, lost };
    writeFileSync('bench-datastore.json', `${JSON.stringify(bench, null, 2)}\n`);
  } finally {
    for (const { kubelets } of running.values()) kubelets.kill();
    for (const { cluster } of running.values()) await cluster.down();
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
