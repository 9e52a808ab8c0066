import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseTrial } from './support/database-trial';
import { isLong, testLong } from './support/long';
import { canApply } from './support/project';
import { report } from './support/report';
import { problemsOf } from './support/status';
import { traces } from './support/traces';
import { waitFor } from './wait';

/** Each test goes on with what the one before it has left. */
let trial: DatabaseTrial;

beforeAll(async () => {
  if (!canApply || !isLong) return;
  // One keeps another role when it loses this one.
  const databases = [
    { name: 'storage1', roles: ['database', 'nfs'] },
    { name: 'storage2', roles: ['database'] },
  ];
  trial = await DatabaseTrial.up('10.77.0', databases, 1);
}, 600_000);

afterAll(() => trial?.down(), 120_000);

/** Applies what cluster.yaml has become, tells how long writes stood still, and reboots all hosts with it. */
async function change(what: string, hosts: Readonly<Record<string, object>> = {}): Promise<void> {
  const since = Date.now();
  const steps = await trial.change(hosts);
  const outage = await trial.outageSince(since);
  report(`${what}: ${outage} ms without an acknowledged write; ${steps.join(' ')}`);
  await trial.nothingLost();
  if (trial.databases.names.length > 1) await trial.databases.whole();
  await trial.reboot();
  expect((await problemsOf(trial.cluster)).filter((problem) => /database|etcd|drift/.test(problem))).toEqual(
    [],
  );
}

testLong(
  'a second database host is added to a single one: the data stays',
  async () => {
    trial.cluster.absent.add('storage2');
    await trial.begin();
    trial.cluster.absent.delete('storage2');
    await change('from one to two');
  },
  1_200_000,
);

testLong(
  'a host loses the role and keeps another: the other host continues alone, and nothing of Patroni and etcd is left',
  async () => {
    // The one that loses it is the primary.
    if ((await trial.databases.primary()) !== 'storage1')
      await trial.cluster.project.k3sCdk('database', 'switchover', 'storage1');
    await trial.databases.whole();
    trial.databases.without.add('storage1');
    await change('from two to one, the primary keeps its role nfs', { storage1: { roles: ['nfs'] } });
    const all = await traces(trial.cluster);
    // Hosts of the lab have a file system there.
    const folder = 'file /var/lib/k3s-etcd';
    const left = (all.get('storage1') ?? []).filter((line) => line !== folder);
    const ofDatabases =
      /port .*:(5432|8008|2379|2380)$|k3s-etcd\/|k3s-etcd$|uninstall\.d\/4[05]|config\/.*\.key$/;
    expect(left.filter((line) => ofDatabases.test(line))).toEqual([]);
    for (const name of ['server1', 'storage2'])
      expect(all.get(name)?.filter((line) => /k3s-etcd/.test(line) && line !== folder)).toEqual([]);
  },
  900_000,
);

testLong(
  'it gets the role back: what it has is brought up to date',
  async () => {
    trial.databases.without.clear();
    await change('from one to two, with old data there');
  },
  900_000,
);

testLong(
  'a database host leaves the cluster: the other one continues alone, and accepts it again',
  async () => {
    // The host that stays is the standby: it has to become the primary first.
    if ((await trial.databases.primary()) !== 'storage2')
      await trial.cluster.project.k3sCdk('database', 'switchover', 'storage2');
    await trial.databases.whole();
    trial.cluster.absent.add('storage2');
    await change('from two to one, the primary leaves');
    trial.cluster.absent.clear();
    await change('back to two');
  },
  1_800_000,
);

testLong(
  'all hosts lose power and the primary does not come back: the synchronous standby serves',
  async () => {
    const { cluster, databases, writer } = trial;
    await databases.whole();
    const [primary, standby] = [await databases.primary(), await databases.standby()];
    await Promise.all(cluster.lab.hosts.map((host) => host.powerOff()));
    writer.stop();
    const before = writer.acknowledged.length;
    for (const name of ['server1', standby]) await cluster.lab.host(name).boot();
    const booted = Date.now();
    writer.start();
    await waitFor('writes are acknowledged', () => writer.acknowledged.length > before, {
      timeout: 180_000,
      interval: 200,
    });
    report(
      `all hosts lost power, the primary stays off: writes ${Date.now() - booted} ms after the last boot`,
    );
    await cluster.lab.host(primary).boot();
    await databases.whole(300_000);
    expect(await databases.primary()).toBe(standby);
    await trial.nothingLost();
  },
  900_000,
);

testLong(
  'all hosts lose power and the one with the newest data does not come back: nobody serves until a person decides',
  async () => {
    const { cluster, databases, writer } = trial;
    const primary = await databases.primary();
    const standby = await databases.standby();
    // The standby is away for a while, in which the cluster writes without it.
    writer.stop();
    await sleep(2000);
    await cluster.lab.host(standby).powerOff();
    await sleep(30_000);
    await Promise.all(cluster.lab.hosts.filter((host) => host.isRunning()).map((host) => host.powerOff()));
    for (const name of ['server1', standby]) await cluster.lab.host(name).boot();
    let problems: string[] = [];
    await waitFor(
      'status tells that there is no primary',
      async () => {
        problems = await problemsOf(cluster);
        return problems.includes('cluster database-no-primary');
      },
      { timeout: 180_000, interval: 2000, explain: () => problems.join('\n') },
    );
    // Longer than any lease of the primary that etcd still knows.
    await sleep(40_000);
    expect(await databases.takesWrites(standby)).toBe(false);
    const before = writer.acknowledged.length;
    writer.start();
    await sleep(20_000);
    expect(writer.acknowledged.length).toBe(before);
    const { stdout } = await cluster.project.k3sCdk('database', 'promote', standby, '--yes');
    expect(stdout).toContain(`${standby} is the primary now`);
    await waitFor('writes are acknowledged', () => writer.acknowledged.length > before, {
      timeout: 120_000,
    });
    await cluster.lab.host(primary).boot();
    await databases.whole(300_000);
    expect(await databases.primary()).toBe(standby);
    // The standby had everything that this client wrote.
    await trial.nothingLost();
  },
  900_000,
);

testLong(
  'a backup of two database hosts is restored to them: both have what it had',
  async () => {
    const { cluster, databases, writer } = trial;
    const { project } = cluster;
    // The stand-in writes nothing that a backup could be of.
    if (cluster.binary.standIn) return;
    await project.k3sCdk('backup', '--output', project.path('backup.tar'));
    await cluster.kubectl('create configmap written-after-it');
    writer.stop();
    const { stdout } = await project.k3sCdk('restore', 'backup.tar', '--yes');
    report(/the API answers again after \d+ s/.exec(stdout)?.[0] ?? stdout);
    const names = await cluster.kubectl('get configmaps -o name');
    expect(names).not.toContain('written-after-it');
    expect(names).toContain('lab-');
    await databases.whole();
    const rows = await Promise.all(
      databases.names.map((name) =>
        cluster.sqlAt(name, "SELECT count(*) FROM kine WHERE name LIKE '%/lab-%'", 'k3s'),
      ),
    );
    expect(rows[0]).toBe(rows[1]);
    expect(Number(rows[0])).toBeGreaterThan(100);
  },
  900_000,
);
