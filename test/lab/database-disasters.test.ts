import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseTrial } from './support/database-trial';
import { isLong, testLong } from './support/long';
import { cut, mend } from './support/network-faults';
import { canApply } from './support/project';
import { report } from './support/report';
import { waitFor } from './wait';

/** Each test goes on with what the one before it has left. */
let trial: DatabaseTrial;

beforeAll(async () => {
  if (!canApply || !isLong) return;
  // Small data folders, of which one is filled.
  const databases = ['storage1', 'storage2'].map((name) => ({ name, roles: ['database'], storage: 3072 }));
  trial = await DatabaseTrial.up('10.76.0', databases, 3);
}, 600_000);

afterAll(() => trial?.down(), 120_000);

testLong('a datastore of two database hosts with etcd on both and on a server', () => trial.begin(), 900_000);

testLong(
  'the network is split: never are there two primaries, and nothing is lost',
  async () => {
    const { cluster, databases } = trial;
    for (const [what, others, takesOver] of [
      ['from the standby', async () => [await databases.standby()], false],
      ['from the servers', async () => cluster.names('server'), false],
      ['from all', async () => [await databases.standby(), ...cluster.names('server')], true],
    ] as const) {
      await databases.whole();
      const [primary, standby] = [await databases.primary(), await databases.standby()];
      const peers = await others();
      const since = Date.now();
      await cut(cluster, primary, peers);
      const seen = await trial.writableDuring(60);
      await mend(cluster, primary, peers);
      const outage = await trial.outageSince(since);
      report(
        `primary cut off ${what} for a minute: ${outage} ms without an acknowledged write; takes writes: ${seen.join(', ')}`,
      );
      expect(seen.filter((name) => name !== 'none')).toEqual(takesOver ? [primary, standby] : [primary]);
      await databases.whole();
      await trial.nothingLost();
    }
  },
  900_000,
);

testLong(
  'two of three etcd hosts are down: the primary continues as long as it reaches the standby, and etcd comes back by itself',
  async () => {
    const { cluster, databases } = trial;
    await databases.whole();
    const primary = await databases.primary();
    const since = Date.now();
    const lost = [await databases.standby(), 'server1'];
    const all = (action: string) =>
      Promise.all(
        lost.map((name) => cluster.lab.host(name).exec(`systemctl ${action} user@$(id -u k3s-etcd)`)),
      );
    await all('stop');
    const seen = await trial.writableDuring(60);
    report(
      `two etcd hosts down for a minute: ${trial.writer.outage(since)} ms without an acknowledged write`,
    );
    expect(seen).toEqual([primary]);
    const back = Date.now();
    await all('start');
    const after = await trial.writableDuring(60);
    expect(after.filter((name) => name !== 'none').length).toBeGreaterThan(0);
    await databases.whole();
    report(
      `etcd back: ${await trial.outageSince(back)} ms without an acknowledged write; takes writes: ${after.join(', ')}`,
    );
    await trial.nothingLost();
  },
  600_000,
);

testLong(
  'all hosts lose power at once and come back in any order: the newest data serves again by itself',
  async () => {
    const { cluster, databases, writer } = trial;
    const { hosts } = cluster.lab;
    for (let round = 0; round < 5; round++) {
      await databases.whole();
      const standby = await databases.standby();
      // Every second time the standby was away before, so that only one host has the newest data.
      const alone = round % 2 === 1;
      if (alone) {
        await cluster.lab.host(standby).powerOff();
        await sleep(15_000);
      }
      await Promise.all(hosts.filter((host) => host.isRunning()).map((host) => host.powerOff()));
      writer.stop();
      // Once, the witness does not come back until the cluster serves, and once the standby, with what it has of etcd.
      const absent = round === 2 ? 'server1' : round === 4 ? standby : undefined;
      const order = hosts
        .filter(({ name }) => name !== absent)
        .map((host) => ({ host, at: Math.random() }))
        .sort((a, b) => a.at - b.at)
        .map(({ host }) => host);
      for (const host of order) {
        await host.boot();
        await sleep(Math.random() * 5000);
      }
      const booted = Date.now();
      writer.start();
      await waitFor('writes are acknowledged again', () => writer.last > booted, {
        timeout: 300_000,
        interval: 200,
      });
      report(
        `all hosts lost power${alone ? ' after the standby' : ''}, back ${absent === undefined ? '' : `without ${absent} `}in the order ${order.map(({ name }) => name).join(' ')}: writes ${writer.last - booted} ms after the last boot`,
      );
      if (absent !== undefined) {
        await cluster.lab.host(absent).boot();
        // Where clients are asked for what they see.
        await waitFor(
          'the first server answers',
          () =>
            cluster.kubectl('get --raw /readyz').then(
              () => true,
              () => false,
            ),
          {
            timeout: 300_000,
            interval: 1000,
          },
        );
      }
      await databases.whole(300_000);
      await trial.nothingLost();
    }
  },
  1_800_000,
);

testLong(
  'Postgres is killed ten times in a minute: writes go on',
  async () => {
    const { cluster, databases } = trial;
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
    report(
      `Postgres killed ten times: at most ${await trial.outageSince(since)} ms without an acknowledged write`,
    );
    await databases.whole();
    await trial.nothingLost();
  },
  600_000,
);

testLong(
  'the disk of the primary is full: the standby takes over, and nothing acknowledged is lost',
  async () => {
    const { cluster, databases } = trial;
    await databases.whole();
    const [primary, standby] = [await databases.primary(), await databases.standby()];
    const since = Date.now();
    const host = cluster.lab.host(primary);
    await host.exec(
      'fallocate -l 10G /srv/postgres/full 2>/dev/null; cat /dev/zero >>/srv/postgres/full 2>/dev/null; true',
    );
    const seen = await trial.writableDuring(120);
    report(
      `disk of the primary full: takes writes: ${seen.join(', ')}; ${trial.writer.outage(since)} ms without an acknowledged write`,
    );
    expect(seen.at(-1)).toBe(standby);
    await host.exec('rm -f /srv/postgres/full');
    await trial.outageSince(Date.now());
    await databases.whole(300_000);
    await trial.nothingLost();
  },
  900_000,
);
