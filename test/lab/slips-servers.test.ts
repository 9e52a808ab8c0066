import { ApiWatch } from './support/api-watch';
import { holders } from './support/described';
import { testLong } from './support/long';
import { canApply, testApply } from './support/project';
import { report } from './support/report';
import { problemsOf, whenWell } from './support/status';
import { TestCluster } from './support/test-cluster';
import { waitFor } from './wait';

/** Each test goes on with what the one before it has left. */
let cluster: TestCluster;
const config = '/etc/haproxy/k3s-api.cfg';

beforeAll(async () => {
  if (!canApply) return;
  cluster = await TestCluster.up(`test-servers-${process.pid}`, '10.72.0', [
    { name: 'storage1', number: 10, roles: ['database'] },
    ...[1, 2, 3, 4, 5].map((number) => ({ name: `server${number}`, number: 10 + number, roles: ['server'] })),
  ]);
  for (const number of [3, 4, 5]) cluster.absent.add(`server${number}`);
  await cluster.begin();
}, 900_000);

afterAll(async () => {
  if (cluster) expect(await cluster.down()).toEqual([]);
});

async function apply(changes: object = {}) {
  cluster.project.write(cluster.yaml(changes));
  await cluster.project.k3sCdk('init', '--yes');
  await cluster.project.k3sCdk('synth');
  return cluster.project.apply();
}

async function rebootAll(): Promise<void> {
  await Promise.all(
    ['storage1', ...cluster.members('server')].map((name) => cluster.lab.host(name).reboot()),
  );
  await cluster.whole();
  await whenWell(cluster, 240_000);
}

testApply(
  'a load balancer that was changed by hand and leads nowhere loses the virtual IP',
  async () => {
    const [holder = ''] = await holders(cluster, cluster.vip);
    const watch = new ApiWatch(cluster.lab, cluster.vip);
    try {
      await watch.steady(1000, 60_000);
      const since = Date.now();
      // Its own account stays good: the monitor asks the servers that clients no longer get to.
      await cluster.lab
        .host(holder)
        .exec(
          `sed -i 's/default_backend servers/default_backend nowhere/; $ a backend nowhere\\n    server x 127.0.0.1:9' ${config} && systemctl restart haproxy`,
        );
      await waitFor(
        'the virtual IP moves',
        async () => !(await holders(cluster, cluster.vip)).includes(holder),
        {
          timeout: 120_000,
        },
      );
      await watch.steady(1000, 60_000);
      report(`haproxy changed by hand: the API was away for ${watch.longestOutage(since)} ms`);
    } finally {
      watch.stop();
    }
    expect(await problemsOf(cluster)).toContain(`${holder} drift`);
    await cluster.project.apply(`-replace=${cluster.project.address(`${holder}_load-balancer`)}`);
    await rebootAll();
  },
  600_000,
);

testApply(
  'all hosts reboot in the middle of an apply, and the next one ends it',
  async () => {
    cluster.absent.delete('server3');
    cluster.project.write(cluster.yaml());
    await cluster.project.k3sCdk('init', '--yes');
    await cluster.project.k3sCdk('synth');
    const running = cluster.project.startApply();
    await running.reaches('server3_k3s-binary: Creating');
    await Promise.all(cluster.lab.hosts.map((host) => host.reboot()));
    // It may have had its work done before, or wait for hosts that come back.
    await running.ended;
    await apply();
    await cluster.whole();
    await rebootAll();
  },
  900_000,
);

testLong(
  'of five servers two are off: the others take a change, and these when they are back',
  async () => {
    for (const name of ['server4', 'server5']) cluster.absent.delete(name);
    await apply();
    for (const name of ['server4', 'server5']) await cluster.lab.host(name).powerOff();
    const argument = {
      k3s: { ...(cluster.yaml() as { k3s: object }).k3s, config: { 'kube-apiserver-arg': ['event-ttl=2h'] } },
    };
    await expect(apply(argument)).rejects.toThrow('server4');
    expect(await cluster.status()).toBe('200');
    for (const name of ['server4', 'server5']) await cluster.lab.host(name).boot();
    await apply(argument);
    for (const name of cluster.members('server'))
      expect((await cluster.lab.host(name).exec('cat /etc/rancher/k3s/config.yaml')).stdout).toContain(
        'event-ttl=2h',
      );
    await rebootAll();
  },
  1_200_000,
);
