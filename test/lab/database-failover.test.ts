import { setTimeout as sleep } from 'node:timers/promises';
import { Databases } from './support/databases';
import { cut, mend } from './support/network-faults';
import { canApply, testApply } from './support/project';
import { report } from './support/report';
import { TestCluster, type TestHost } from './support/test-cluster';
import { Writer } from './support/writer';
import { waitFor } from './wait';

/** Two hosts of the role `database` beside one server, or beside three for the long form. */
const long = process.env.LAB_LONG === '1';
const rounds = Number(process.env.LAB_FAILOVERS ?? 10);
const testLong = long ? testApply : test.skip;

/** Generous: what is asserted is that writes go on. How soon is reported. */
const soon = 90_000;

/** Each test goes on with what the one before it has left. */
let cluster: TestCluster;
let databases: Databases;
let writer: Writer;

beforeAll(async () => {
  if (!canApply) return;
  const servers = (long ? [1, 2, 3] : [1]).map(
    (number): TestHost => ({ name: `server${number}`, number: 10 + number, roles: ['server'] }),
  );
  cluster = await TestCluster.up(`test-failover-${process.pid}`, '10.75.0', [
    { name: 'storage1', number: 21, roles: ['database'], ...(long && { storage: 3072 }) },
    { name: 'storage2', number: 22, roles: ['database'], ...(long && { storage: 3072 }) },
    ...servers,
  ]);
  databases = new Databases(cluster);
  const { binary } = cluster;
  report(`k3s is ${binary.standIn ? "the lab's stand-in" : `real, ${binary.path}`} ${binary.version}`);
}, 600_000);

afterAll(async () => {
  writer?.stop();
  if (cluster) expect(await cluster.down()).toEqual([]);
}, 120_000);

/** How long nothing was acknowledged, from a moment until writes have gone on for a while. */
async function outageSince(moment: number): Promise<number> {
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

async function nothingLost(): Promise<void> {
  expect(await writer.lost()).toEqual([]);
}

testApply(
  'one apply makes two database hosts a datastore that k3s runs on',
  async () => {
    const { project } = cluster;
    // One server needs no virtual IP.
    project.write(cluster.yaml(long ? {} : { api: undefined }));
    await project.k3sCdk('init', '--yes');
    await project.k3sCdk('synth');
    await project.init();
    const { seconds } = await project.apply();
    await databases.whole();
    report(`apply from bare hosts: ${seconds.toFixed(1)} s`);
    writer = cluster.binary.standIn ? await Writer.ofRows(cluster) : await Writer.ofObjects(cluster);
    writer.start();
    await waitFor('the first writes are acknowledged', () => writer.acknowledged.length > 10, {
      timeout: soon,
    });
  },
  900_000,
);

testApply(
  'the standby is lost: writes go on',
  async () => {
    const standby = await databases.standby();
    const since = Date.now();
    await cluster.lab.host(standby).powerOff();
    await sleep(5000);
    report(`standby lost: ${await outageSince(since)} ms without an acknowledged write`);
    await cluster.lab.host(standby).boot();
    await databases.whole();
    await nothingLost();
  },
  300_000,
);

testApply(
  'a planned switchover: writes go on at the other host, none is lost',
  async () => {
    const primary = await databases.primary();
    const since = Date.now();
    const { stdout } = await cluster.project.k3sCdk('database', 'switchover');
    const outage = await outageSince(since);
    report(`planned switchover: ${outage} ms without an acknowledged write; it says: ${stdout.trim()}`);
    expect(await databases.primary()).not.toBe(primary);
    await databases.whole();
    await nothingLost();
  },
  300_000,
);

testApply(
  'the primary loses power: the standby takes over, nothing acknowledged is lost, and the old one joins again by itself',
  async () => {
    const outages: number[] = [];
    const returns: number[] = [];
    const restarts = await restartsOfK3s();
    for (let round = 0; round < (long ? rounds : 1); round++) {
      const primary = await databases.primary();
      const since = Date.now();
      await cluster.lab.host(primary).powerOff();
      outages.push(await outageSince(since));
      expect(await databases.primary()).not.toBe(primary);
      const booted = Date.now();
      await cluster.lab.host(primary).boot();
      await databases.whole();
      returns.push(Date.now() - booted);
      expect(await databases.primary()).not.toBe(primary);
      await nothingLost();
    }
    report(
      `power loss of the primary: ${outages.join(', ')} ms without an acknowledged write; the old one was a standby with everything ${returns.join(', ')} ms after its boot; ${writer.acknowledged.length} writes, none lost`,
    );
    report(`restarts of k3s meanwhile: ${(await restartsOfK3s()) - restarts}`);
  },
  long ? 3_000_000 : 300_000,
);

async function restartsOfK3s(): Promise<number> {
  let all = 0;
  for (const name of cluster.names('server')) {
    const { stdout } = await cluster.lab
      .host(name)
      .exec('systemctl show --property NRestarts --value k3s.service');
    all += Number(stdout);
  }
  return all;
}

testApply(
  'a host of etcd is down: nothing happens, and it takes part again when it is back, with nothing that it remembers',
  async () => {
    const host = cluster.lab.host('server1');
    const since = Date.now();
    await host.exec('systemctl stop user@$(id -u k3s-etcd)');
    await sleep(10_000);
    const outage = writer.outage(since);
    report(`one host of etcd down: ${outage} ms without an acknowledged write`);
    expect(outage).toBeLessThan(soon);
    await host.exec('systemctl start user@$(id -u k3s-etcd)');
    await waitFor('it takes part again', () => isHealthy('server1'), { timeout: soon, interval: 500 });
    await nothingLost();
  },
  300_000,
);

async function isHealthy(server: string): Promise<boolean> {
  const tls = ['cacert ca.crt', 'cert member.crt', 'key member.key'].map((option) => `--${option}`).join(' ');
  const { stdout } = await cluster.lab
    .host(server)
    .exec(`cd /var/lib/k3s-etcd/config && curl -s --max-time 2 ${tls} https://127.0.0.1:2379/health`, {
      allowFailure: true,
    });
  return stdout.includes('"health":"true"');
}

/** Who takes writes, asked for some seconds: never two at the same time. */
async function writableDuring(seconds: number): Promise<string[]> {
  const seen: string[] = [];
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    const takes = await Promise.all(databases.names.map((name) => databases.takesWrites(name)));
    const names = databases.names.filter((_, index) => takes[index]);
    expect(names.length).toBeLessThan(2);
    const found = names[0] ?? 'none';
    if (found !== seen.at(-1)) seen.push(found);
    await sleep(500);
  }
  return seen;
}

testLong(
  'the network is split: never are there two primaries, and nothing is lost',
  async () => {
    for (const [what, others] of [
      ['from the standby', async () => [await databases.standby()]],
      ['from etcd', async () => cluster.names('server')],
      ['from all', async () => [await databases.standby(), ...cluster.names('server')]],
    ] as const) {
      await databases.whole();
      const primary = await databases.primary();
      const peers = await others();
      const since = Date.now();
      for (const peer of peers) await cut(cluster, primary, peer);
      const seen = await writableDuring(45);
      for (const peer of peers) await mend(cluster, primary, peer);
      const outage = await outageSince(since);
      await databases.whole();
      report(
        `primary cut off ${what}: ${outage} ms without an acknowledged write; takes writes: ${seen.join(', ')}`,
      );
      await nothingLost();
    }
  },
  900_000,
);

testLong(
  'two of three hosts of etcd are down: the primary goes on as long as it reaches the standby, and etcd comes back by itself',
  async () => {
    await databases.whole();
    const primary = await databases.primary();
    const since = Date.now();
    const lost = ['server2', 'server3'];
    for (const name of lost) await cluster.lab.host(name).exec('systemctl stop user@$(id -u k3s-etcd)');
    const seen = await writableDuring(60);
    report(`two hosts of etcd down for a minute: ${writer.outage(since)} ms without an acknowledged write`);
    expect(seen).toEqual([primary]);
    const back = Date.now();
    for (const name of lost) await cluster.lab.host(name).exec('systemctl start user@$(id -u k3s-etcd)');
    expect((await writableDuring(60)).filter((name) => name !== 'none').length).toBeGreaterThan(0);
    await databases.whole();
    report(`etcd back, with nothing that it remembers: ${await outageSince(back)} ms`);
    await nothingLost();
  },
  600_000,
);

testLong(
  'all hosts lose power at once and come back in any order: the newest data serves again by itself',
  async () => {
    for (let round = 0; round < 3; round++) {
      await databases.whole();
      // The second time the standby was away before, so that only one host has the newest data.
      if (round === 1) {
        await cluster.lab.host(await databases.standby()).powerOff();
        await sleep(15_000);
      }
      const before = writer.acknowledged.length;
      writer.stop();
      await Promise.all(cluster.lab.hosts.filter((host) => host.isRunning()).map((host) => host.powerOff()));
      const order = cluster.lab.hosts
        .map((host) => ({ host, at: Math.random() }))
        .sort((a, b) => a.at - b.at)
        .map(({ host }) => host);
      for (const host of order) {
        await host.boot();
        await sleep(Math.random() * 5000);
      }
      const booted = Date.now();
      writer.start();
      await waitFor('writes are acknowledged again', () => writer.acknowledged.length > before, {
        timeout: 300_000,
        interval: 200,
      });
      report(
        `all hosts lost power${round === 1 ? ' after the standby' : ''}, back in the order ${order.map(({ name }) => name).join(' ')}: writes ${writer.last - booted} ms after the last boot`,
      );
      await databases.whole(300_000);
      await nothingLost();
    }
  },
  1_800_000,
);

testLong(
  'Postgres is killed ten times in a minute: writes go on',
  async () => {
    await databases.whole();
    const since = Date.now();
    for (let kill = 0; kill < 10; kill++) {
      const takes = await Promise.all(databases.names.map((name) => databases.takesWrites(name)));
      const primary = databases.names.find((_, index) => takes[index]);
      if (primary !== undefined)
        await cluster.lab
          .host(primary)
          .exec('kill -9 "$(pgrep -o -u k3s-postgres -x postgres)"', { allowFailure: true });
      await sleep(5000);
    }
    report(`Postgres killed ten times: at most ${await outageSince(since)} ms without an acknowledged write`);
    await databases.whole();
    await nothingLost();
  },
  600_000,
);

testLong(
  'the disk of the primary is full: the standby takes over, or writes fail, and nothing acknowledged is lost',
  async () => {
    await databases.whole();
    const primary = await databases.primary();
    const since = Date.now();
    const host = cluster.lab.host(primary);
    await host.exec(
      'fallocate -l 10G /srv/postgres/full 2>/dev/null; cat /dev/zero >>/srv/postgres/full 2>/dev/null; true',
    );
    await cluster.sqlAt(primary, 'SELECT pg_switch_wal()').catch(() => {});
    const seen = await writableDuring(90);
    report(
      `disk of the primary full: takes writes: ${seen.join(', ')}; ${writer.outage(since)} ms without an acknowledged write`,
    );
    await host.exec('rm -f /srv/postgres/full');
    await outageSince(Date.now());
    await databases.whole(300_000);
    await nothingLost();
  },
  900_000,
);

testLong(
  'from two database hosts to one and back to two: the data stays, with one restart of Postgres each',
  async () => {
    const { project } = cluster;
    await databases.whole();
    const standby = await databases.standby();
    // The host that keeps the role is the standby now: it has to become the primary first.
    const [goes = ''] = databases.names.filter((name) => name !== standby);
    for (const [what, absent] of [
      ['to one', [goes]],
      ['back to two', []],
    ] as const) {
      cluster.absent.clear();
      for (const name of absent) cluster.absent.add(name);
      project.write(cluster.yaml());
      await project.k3sCdk('init', '--yes');
      await project.k3sCdk('synth');
      const since = Date.now();
      const { steps } = await project.apply();
      const outage = await outageSince(since);
      report(`${what}: ${outage} ms without an acknowledged write; ${steps.join(' ')}`);
      await nothingLost();
    }
    await databases.whole();
  },
  1_800_000,
);
