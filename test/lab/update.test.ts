import { spawn } from 'node:child_process';
import { k3sBinary } from './k3s-binary';
import { ApiWatch } from './support/api-watch';
import { appOfTwo } from './support/app-of-two';
import { Databases } from './support/databases';
import { hollowFolder, hollowRelease } from './support/hollow';
import { installed, offer, wantsReboot } from './support/local-updates';
import { canApply, testApply } from './support/project';
import { report } from './support/report';
import { TestCluster } from './support/test-cluster';
import { usualTools } from './support/tools';
import { waitFor } from './wait';

/** Each test goes on with what the one before it has left. */
let cluster: TestCluster;
/** Real k3s, whose agents can be drained although they run no containers. */
let real = false;

beforeAll(async () => {
  if (!canApply) return;
  const binary = await k3sBinary();
  real = !binary.standIn;
  const hosts = [
    { name: 'storage1', number: 10, roles: ['database', 'nfs'] },
    { name: 'storage2', number: 20, roles: ['database'] },
    { name: 'server1', number: 11, roles: ['server'] },
    { name: 'server2', number: 12, roles: ['server'] },
    ...(real ? ['agent1', 'agent2'] : []).map((name, i) => ({ name, number: 21 + i, roles: ['agent'] })),
  ];
  cluster = await TestCluster.up(
    `test-update-${process.pid}`,
    '10.74.0',
    real ? hosts.map((host) => ({ ...host, shared: hollowFolder })) : hosts,
    usualTools,
    real ? hollowRelease(binary) : binary,
  );
  report(
    real
      ? `k3s is real, ${binary.version}, with agents that run no containers`
      : `k3s is the lab's stand-in ${binary.version}, without agents`,
  );
  for (const host of cluster.lab.hosts) await offer(host, { version: 1 });
}, 600_000);

afterAll(async () => {
  if (cluster) expect(await cluster.down()).toEqual([]);
});

/** `k3s-cdk update`, with what it reports. */
async function update(...args: string[]) {
  const { status, stdout, stderr } = await cluster.project.k3sCdkResult('update', '--json', ...args);
  return { ...JSON.parse(stdout), status, stderr };
}

const names = () => cluster.lab.hosts.map(({ name }) => name);
const bootOf = async (name: string) =>
  (await cluster.lab.host(name).exec('cat /proc/sys/kernel/random/boot_id')).stdout.trim();

/** When a host has booted, in seconds since 1970. */
async function bootedAt(name: string): Promise<number> {
  const { stdout } = await cluster.lab.host(name).exec('stat -c %Y /proc/1');
  return Number(stdout);
}

testApply(
  'a cluster without updates has nothing pending',
  async () => {
    await cluster.begin(
      real ? { k3s: { version: cluster.binary.version, artifacts: './artifacts', maxUnavailable: 1 } } : {},
    );
    await new Databases(cluster).whole();
    const { status, pending, stderr } = await update('--check');
    expect({ status, pending, stderr }).toMatchObject({ status: 0, pending: [] });
  },
  900_000,
);

testApply(
  'every host is updated and rebooted, the standby first and agents last, and the API hardly notices',
  async () => {
    const { lab } = cluster;
    const databases = new Databases(cluster);
    for (const host of lab.hosts) await offer(host, { version: 2, postinst: wantsReboot });
    const check = await update('--check');
    expect(check.status).toBe(3);
    expect(check.pending.map(({ host }: { host: string }) => host)).toEqual(names());
    expect(check.pending[0].packages).toEqual([{ name: 'lab-tool', version: '2' }]);

    const [primary, standby] = [await databases.primary(), await databases.standby()];
    const apps = real ? await appOfTwo(cluster) : undefined;
    const watch = new ApiWatch(lab, cluster.vip);
    await watch.steady(2000, 60_000);
    const began = Date.now();
    const { status, updated, rebooted, stderr } = await update('--yes').finally(() => apps?.end());
    const seconds = (Date.now() - began) / 1000;
    if (status !== 0) throw new Error(stderr);
    const order = [standby, primary, 'server1', 'server2', ...(real ? ['agent1', 'agent2'] : [])];
    expect({ updated, rebooted }).toEqual({ updated: order, rebooted: order });
    const boots = await Promise.all(order.map(bootedAt));
    expect(boots).toEqual([...boots].sort((a, b) => a - b));
    for (const host of lab.hosts)
      expect(await installed(host)).toEqual({ version: 2, configuration: 'of its owner' });
    await watch.steady(2000, 60_000);
    report(
      `${order.length} hosts updated and rebooted in ${seconds.toFixed(0)} s; longest outage of the API ${watch.longestOutage(began)} ms, ${watch.failures(began)}`,
    );
    watch.stop();
    if (apps) {
      const counts = apps.counts();
      report(
        `fewest of the app's two pods that were ready, as the API counts: ${Math.min(...counts)} in ${counts.length} answers`,
      );
      expect(counts.length).toBeGreaterThan(10);
      expect(Math.min(...counts)).toBeGreaterThanOrEqual(1);
    }
    expect(await databases.primary()).toBe(standby);

    const again = await update('--yes');
    expect(again).toMatchObject({ status: 0, pending: [] });
    expect(again).not.toHaveProperty('updated');
  },
  1_200_000,
);

testApply(
  'an update that fails stops there with its cause, and the next one goes on',
  async () => {
    const { lab } = cluster;
    for (const name of ['server1', 'server2'])
      await offer(lab.host(name), { version: 3, postinst: 'echo out of luck >&2; exit 1' });
    const failed = await update('--yes');
    expect(failed.status).toBe(1);
    expect(failed.stderr).toMatch(/out of luck[\s\S]*packages cannot be installed/);
    expect(failed.stderr).toContain('server2 was left alone');
    expect(await installed(lab.host('server2'))).toMatchObject({ version: 2 });

    for (const name of ['server1', 'server2']) await offer(lab.host(name), { version: 4 });
    const boots = await Promise.all(['server1', 'server2'].map(bootOf));
    expect(await update('--yes')).toMatchObject({ status: 0, updated: ['server1', 'server2'], rebooted: [] });
    expect(await Promise.all(['server1', 'server2'].map(bootOf))).toEqual(boots);
    expect(await installed(lab.host('server2'))).toMatchObject({ version: 4 });
  },
  600_000,
);

testApply(
  'an update that is killed does not interrupt the installation, which the next one waits for',
  async () => {
    const { lab, project } = cluster;
    await offer(lab.host('server2'), {
      version: 5,
      postinst: 'touch /run/lab-began; sleep 12; touch /run/lab-ended',
    });
    const command = [
      'netns',
      'exec',
      lab.namespace,
      process.execPath,
      `${process.cwd()}/bin/k3s-cdk.js`,
      'update',
      '--yes',
    ];
    const child = spawn('ip', command, {
      cwd: project.folder,
      env: { ...process.env, ...project.environment },
      stdio: 'ignore',
      detached: true,
    });
    await waitFor(
      'the installation begins',
      async () => (await lab.host('server2').exec('ls /run/lab-began', { allowFailure: true })).status === 0,
      { timeout: 120_000, interval: 200 },
    );
    process.kill(-(child.pid ?? 0), 'SIGKILL');
    expect(await update('--yes')).toMatchObject({ status: 0 });
    const { stdout } = await lab.host('server2').exec('ls /run/lab-ended; dpkg --audit');
    expect(stdout).toBe('/run/lab-ended\n');
  },
  600_000,
);

testApply(
  'two agents are updated at the same time when maxUnavailable allows it',
  async () => {
    if (!real) return report("left out: the lab's stand-in has no agents");
    const { lab, project } = cluster;
    const agents = ['agent1', 'agent2'].map((name) => lab.host(name));
    const k3s = { version: cluster.binary.version, artifacts: './artifacts' };
    project.write(cluster.yaml({ k3s: { ...k3s, maxUnavailable: 2 } }));
    // With both agents away, it would rightly hold up the drains.
    await cluster.kubectl('delete poddisruptionbudget web');
    const postinst = `date +%s >/opt/lab-began; sleep 30; date +%s >/opt/lab-ended; ${wantsReboot}`;
    for (const host of agents) await offer(host, { version: 6, postinst });
    const { status, updated, rebooted, stderr } = await update('--yes', '--hosts', 'agent1,agent2');
    if (status !== 0) throw new Error(stderr);
    expect([updated.sort(), rebooted.sort()]).toEqual([
      ['agent1', 'agent2'],
      ['agent1', 'agent2'],
    ]);
    const when = await Promise.all(
      agents.map(async (host) => (await host.exec('cat /opt/lab-began /opt/lab-ended')).stdout.trim()),
    );
    const times = when.map((text) => text.split('\n').map(Number));
    const [lastBegan, firstEnded] = [0, 1].map((place) => times.map((time) => time[place] ?? Number.NaN));
    expect(Math.max(...(lastBegan ?? []))).toBeLessThan(Math.min(...(firstEnded ?? [])));
    project.write(cluster.yaml({ k3s: { ...k3s, maxUnavailable: 1 } }));
  },
  900_000,
);

testApply(
  'a host that is off is left out and named; one that is needed by the others holds them up',
  async () => {
    const { lab } = cluster;
    const last = real ? 'agent2' : 'server2';
    for (const host of lab.hosts) if (host.name !== last) await offer(host, { version: 7 });
    await lab.host(last).powerOff();
    const check = await update('--check', '--hosts', last);
    expect(check).toMatchObject({ status: 4, deferred: [last], pending: [] });
    if (real) {
      await cluster.kubectl('cordon agent1');
      expect(await update('--yes', '--hosts', 'agent1')).toMatchObject({ status: 0, updated: ['agent1'] });
      const node = await cluster.kubectl("get node agent1 -o jsonpath='{.spec.unschedulable}'");
      expect(node).toBe('true');
      await cluster.kubectl('uncordon agent1');
    }
    await lab.host('storage2').powerOff();
    const refused = await update('--yes');
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('storage2 is off');
    expect(await installed(lab.host('storage1'))).toMatchObject({ version: 2 });
  },
  600_000,
);
