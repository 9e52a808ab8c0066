import { setTimeout as sleep } from 'node:timers/promises';
import { ApiWatch } from './support/api-watch';
import { Databases } from './support/databases';
import { canApply, testApply } from './support/project';
import { report } from './support/report';
import { TestCluster } from './support/test-cluster';
import { waitFor } from './wait';

/** Each test goes on with what the one before it has left. */
let cluster: TestCluster;

beforeAll(async () => {
  if (!canApply) return;
  cluster = await TestCluster.up(`test-power-${process.pid}`, '10.75.0', [
    { name: 'storage1', number: 10, roles: ['database', 'nfs'] },
    { name: 'storage2', number: 20, roles: ['database'] },
    { name: 'server1', number: 11, roles: ['server'] },
    { name: 'server2', number: 12, roles: ['server'] },
  ]);
  const { binary } = cluster;
  report(`k3s is ${binary.standIn ? "the lab's stand-in" : `real, ${binary.path}`} ${binary.version}`);
  await cluster.begin();
  await new Databases(cluster).whole();
}, 900_000);

afterAll(async () => {
  if (cluster) expect(await cluster.down()).toEqual([]);
});

const rows = async () =>
  cluster.sqlAt(await new Databases(cluster).primary(), 'SELECT count(*), sum(i) FROM lab_power', 'k3s');

/** When each host was off, in milliseconds since 1970. */
function watchHosts() {
  const off = new Map<string, number>();
  let ended = false;
  const look = async () => {
    while (!ended) {
      for (const { name, isRunning } of cluster.lab.hosts.map((host) => ({
        name: host.name,
        isRunning: host.isRunning(),
      })))
        if (!isRunning && !off.has(name)) off.set(name, Date.now());
      await sleep(100);
    }
  };
  const watching = look();
  return async () => {
    ended = true;
    await watching;
    return off;
  };
}

testApply(
  'a shutdown switches hosts off from those that need others to those that others need',
  async () => {
    const { project, lab } = cluster;
    const databases = new Databases(cluster);
    const primary = await databases.primary();
    const create = 'CREATE TABLE lab_power AS SELECT i FROM generate_series(1, 5000) AS i';
    await cluster.sqlAt(primary, create, 'k3s');
    const standby = await databases.standby();
    const end = watchHosts();
    const began = Date.now();
    const { status, stdout, stderr } = await project.k3sCdkResult('shutdown', '--yes', '--json');
    const off = await end();
    if (status !== 0) throw new Error(stderr);
    const { off: order } = JSON.parse(stdout) as { off: string[] };
    // Servers go down side by side: either may be off first.
    expect([...order.slice(0, 2).sort(), ...order.slice(2)]).toEqual([
      'server1',
      'server2',
      standby,
      primary,
    ]);
    expect(lab.hosts.filter((host) => host.isRunning())).toEqual([]);
    const at = (name: string) => off.get(name) ?? Number.NaN;
    expect(Math.max(at('server1'), at('server2'))).toBeLessThan(at(standby));
    expect(at(standby)).toBeLessThan(at(primary));
    report(`four hosts were off after ${((Date.now() - began) / 1000).toFixed(0)} s`);
  },
  900_000,
);

testApply(
  'with the power all is back without help, whichever host starts first, and nothing is lost',
  async () => {
    const { lab, project } = cluster;
    const databases = new Databases(cluster);
    const watch = new ApiWatch(lab, cluster.vip);
    // The other way round than they need each other.
    for (const name of ['server1', 'server2']) await lab.host(name).boot();
    await sleep(10_000);
    const began = Date.now();
    await Promise.all(['storage1', 'storage2'].map((name) => lab.host(name).boot()));
    await watch.steady(2000, 300_000);
    report(
      `the API answers ${(((watch.firstReady ?? 0) - began) / 1000).toFixed(1)} s after the databases have power`,
    );
    await databases.whole(300_000);
    watch.stop();
    expect(await rows()).toBe(`5000|${(5000 * 5001) / 2}`);
    await waitFor(
      'status finds no error',
      async () => {
        const { stdout } = await project.k3sCdkResult('status', '--json');
        return !JSON.parse(stdout).problems.some(
          ({ severity }: { severity: string }) => severity === 'error',
        );
      },
      { timeout: 180_000, interval: 2000 },
    );
  },
  900_000,
);
