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
import { waitFor } from '../test/lab/wait';
import { beginEtcd, embeddedEtcd, leasesOfKubernetes, printRates, ratesAtRest } from './at-rest';

/** Roles of each host; of the database, how many have it in the end. */
const clusters: Readonly<
  Record<
    string,
    { readonly databases: number; readonly servers: number; readonly isEtcd?: true; readonly isOld?: true }
  >
> = {
  'Postgres, 2 hosts': { databases: 1, servers: 2 },
  "Postgres, 2 hosts, Kubernetes' leases": { databases: 1, servers: 2, isOld: true },
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
  const { databases = 0, servers = 0, isEtcd, isOld } = clusters[title] ?? {};
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
    if (isOld) await oldLeases(cluster);
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
  await first.exec(embeddedEtcd, { args: [beginEtcd] });
  for (const host of others)
    await host.exec(embeddedEtcd, { args: [`server: "https://${first.address}:${serverPort}"`] });
  await cluster.whole();
}

/** Starts the servers anew with the leases that k3s has when nobody says anything. */
async function oldLeases(cluster: TestCluster): Promise<void> {
  for (const name of cluster.members('server')) await cluster.lab.host(name).exec(leasesOfKubernetes);
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

async function measure(running: ReadonlyMap<string, Running>, minutes: number) {
  const hosts = new Map([...running].map(([title, { cluster }]) => [title, cluster.lab.hosts]));
  const result = await ratesAtRest(hosts, minutes);
  for (const each of running.values()) await nodesReady(each);
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
    for (const [title, hosts] of Object.entries(measured)) printRates(title, hosts);
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
