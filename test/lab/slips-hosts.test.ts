import { setTimeout as sleep } from 'node:timers/promises';
import { planOptions } from '../../src/terraform/terraform';
import { ApiWatch } from './support/api-watch';
import { holders } from './support/described';
import { testLong } from './support/long';
import { canApply, testApply } from './support/project';
import { report } from './support/report';
import { whenWell } from './support/status';
import { TestCluster } from './support/test-cluster';
import { stayWithoutKubelet } from './support/what-containers-lack';

/** Each test goes on with what the one before it has left. */
let cluster: TestCluster;
/** Keys of hosts in cluster.yaml that differ from what they began with. */
let changed: Record<string, object> = {};
const servers = ['server1', 'server2', 'server3'];
const all = ['storage1', ...servers];

beforeAll(async () => {
  if (!canApply) return;
  cluster = await TestCluster.up(`test-hosts-${process.pid}`, '10.73.0', [
    { name: 'storage1', number: 10, roles: ['database'] },
    ...servers.map((name, index) => ({ name, number: 11 + index, roles: ['server'] })),
  ]);
  const { binary } = cluster;
  report(`k3s is ${binary.standIn ? "the lab's stand-in" : `real, ${binary.path}`} ${binary.version}`);
  await cluster.begin();
}, 900_000);

afterAll(async () => {
  if (cluster) expect(await cluster.down()).toEqual([]);
});

async function write(changes: object = {}): Promise<void> {
  cluster.project.write(cluster.yaml(changes, changed));
  await cluster.project.k3sCdk('init', '--yes');
  await cluster.project.k3sCdk('synth');
}

async function apply(changes: object = {}) {
  await write(changes);
  return cluster.project.apply();
}

const idleTimeout = (time: string) => ({
  api: { address: cluster.vip, port: cluster.port, idleTimeout: time },
});

/** What is in the home folder of the SSH user, but for what Terraform ran a moment ago in the steps' folder. */
async function home(name: string): Promise<string> {
  const { stdout } = await cluster.lab
    .host(name)
    .exec(`cd /home/pi && find . -name '.k3s-cdk*' ! -path './.k3s-cdk/*.sh' | sort | tr '\\n' ' '`);
  return stdout.trim();
}

/** The cluster is well after a reboot of every host, and as cluster.yaml says. */
async function wellAfterReboot(): Promise<void> {
  await Promise.all(all.map((name) => cluster.lab.host(name).reboot()));
  await cluster.whole();
  await whenWell(cluster, 240_000);
  expect(await holders(cluster, cluster.vip)).toHaveLength(1);
  const plan = await cluster.project.terraform('plan', '-detailed-exitcode', '-input=false');
  expect({ status: plan.status, output: plan.status === 0 ? '' : plan.stdout + plan.stderr }).toEqual({
    status: 0,
    output: '',
  });
  for (const name of all) expect([name, await home(name)]).toEqual([name, './.k3s-cdk']);
}

testApply("the steps' folder is gone, or a file, and steps run nevertheless", async () => {
  await cluster.lab.host('server1').exec('rm -r /home/pi/.k3s-cdk');
  await cluster.lab.host('server2').exec('rm -r /home/pi/.k3s-cdk && touch /home/pi/.k3s-cdk');
  const { steps } = await apply(idleTimeout('2h'));
  expect(steps).toEqual(servers.map((name) => `${name}_load-balancer`));
  for (const name of ['server1', 'server2'])
    expect((await cluster.lab.host(name).exec('stat -c "%a %U %F" /home/pi/.k3s-cdk')).stdout).toBe(
      '700 pi directory\n',
    );
});

testApply(
  'a destroy takes everything off hosts without that folder, and a deploy right after it is not disturbed',
  async () => {
    for (const name of servers) await stayWithoutKubelet(cluster.lab.host(name));
    for (const name of all) await cluster.lab.host(name).exec('rm -r /home/pi/.k3s-cdk');
    const { stdout } = await cluster.project.k3sCdkLong(['destroy', '--yes', '--plain'], {});
    expect(stdout).toContain('lab is gone from 4 hosts; packages and data stay');
    const left = await Promise.all(
      all.map((name) =>
        cluster.lab
          .host(name)
          .exec('ls -d /usr/local/lib/k3s-cdk /var/lib/k3s-cdk 2>/dev/null', { allowFailure: true }),
      ),
    );
    expect(left.map((each) => each.stdout)).toEqual(['', '', '', '']);
    const { seconds } = await apply();
    report(`a deploy right after a destroy: ${seconds.toFixed(0)} s`);
    await cluster.fetchCa();
    await wellAfterReboot();
  },
  900_000,
);

testApply(
  'a server gets another name: it leaves, and then its machine joins under that name',
  async () => {
    await stayWithoutKubelet(cluster.lab.host('server3'));
    changed = { server3: { name: 'srv3' } };
    const { output, seconds } = await apply();
    report(`a server with another name: ${seconds.toFixed(0)} s`);
    const at = (text: string) => output.indexOf(text);
    expect(output).toContain('server3 has left the cluster');
    expect(at('srv3_prepare: Creating')).toBeGreaterThan(at('membership["server3"]: Destruction complete'));
    await cluster.whole();
    await wellAfterReboot();
    const { stdout } = await cluster.lab.host('server3').exec(
      `ls /usr/local/lib/k3s-cdk/uninstall.d /var/lib/k3s-cdk/records; ls /etc/sysctl.d/90-k3s-cdk.conf
       grep node-name /etc/rancher/k3s/config.yaml`,
    );
    for (const trace of ['10-prepare', '50-k3s', '60-load-balancer', 'k3s-binary', '90-k3s-cdk.conf', 'srv3'])
      expect(stdout).toContain(trace);
  },
  600_000,
);

testApply('two servers trade their addresses: the plan refuses it and changes nothing', async () => {
  const [one, two] = ['server1', 'server2'].map((name) => cluster.lab.host(name).address);
  const before = await cluster.sshConnections();
  cluster.project.write(
    cluster.yaml({}, { ...changed, server1: { address: two }, server2: { address: one } }),
  );
  await cluster.project.k3sCdk('synth');
  const plan = await cluster.project.terraform('plan', '-input=false');
  expect(plan.status).toBe(1);
  expect(plan.stderr.replace(/\s*\n[│ ]*/g, ' ')).toContain(
    'Hosts cannot trade machines in one apply (server1 the one of server2, server2 the one of server1,',
  );
  expect(await cluster.sshConnections()).toBe(before);
});

testApply(
  'a server moves to another address, and the others follow',
  async () => {
    await cluster.move('server2', 32);
    const watch = new ApiWatch(cluster.lab, cluster.vip);
    try {
      await watch.steady(1000, 60_000);
      const since = Date.now();
      const { seconds, steps } = await apply();
      await watch.steady(1000, 60_000);
      report(
        `a server at another address: ${seconds.toFixed(0)} s, longest outage ${watch.longestOutage(since)} ms`,
      );
      expect(steps).toEqual(
        expect.arrayContaining(['server2_k3s', 'server1_load-balancer', 'srv3_load-balancer']),
      );
    } finally {
      watch.stop();
    }
    await cluster.whole();
    const { stdout } = await cluster.lab
      .host('server1')
      .exec('cat /etc/haproxy/k3s-api.cfg /etc/keepalived/keepalived.conf');
    expect(stdout).toContain('10.73.0.32');
    expect(stdout).not.toContain('10.73.0.12');
    await wellAfterReboot();
  },
  600_000,
);

testApply(
  'two copies of a project are applied at once: both end well, and nothing runs twice at a time',
  async () => {
    const setting = (ttl: string) => ({
      k3s: {
        ...(cluster.yaml() as { k3s: object }).k3s,
        config: { 'kube-apiserver-arg': [`event-ttl=${ttl}`] },
      },
    });
    await write(setting('2h'));
    const other = cluster.project.copy('other');
    const applies = [cluster.project, other].map((project) => project.startApply().ended);
    const ends = await Promise.all(applies);
    for (const { status, output } of ends)
      expect({ status, output: status === 0 ? '' : output }).toEqual({ status: 0, output: '' });
    for (const name of servers) {
      const host = cluster.lab.host(name);
      expect((await host.exec('cat /etc/rancher/k3s/config.yaml')).stdout).toContain('event-ttl=2h');
    }
    await wellAfterReboot();
    // Later the one that knows nothing of it changes something else.
    cluster.project.write(cluster.yaml({ ...setting('2h'), ...idleTimeout('3h') }, changed));
    await cluster.project.k3sCdk('synth');
    await cluster.project.apply();
    const behind = await other.terraform('apply', '-auto-approve', '-input=false');
    expect({ status: behind.status, output: behind.status === 0 ? '' : behind.stderr }).toEqual({
      status: 0,
      output: '',
    });
    await whenWell(cluster);
  },
  900_000,
);

testLong(
  'a server becomes an agent and a server again',
  async () => {
    changed = { ...changed, server2: { roles: ['agent'] } };
    await write();
    const watch = new ApiWatch(cluster.lab, cluster.vip);
    let twice = 0;
    try {
      await watch.steady(1000, 60_000);
      const since = Date.now();
      const running = cluster.project.startApply(...planOptions);
      let over = false;
      const ended = running.ended.finally(() => {
        over = true;
      });
      while (!over) {
        if ((await holders(cluster, cluster.vip)).length > 1) twice += 1;
        await sleep(200);
      }
      // Without a kubelet an agent does not become ready; k3s of a server is back then.
      expect((await ended).output).toContain('k3s-agent does not become ready');
      report(
        `a server becomes an agent: longest outage ${watch.longestOutage(since)} ms, virtual IP seen twice ${twice} times`,
      );
    } finally {
      watch.stop();
    }
    const { stdout } = await cluster.lab
      .host('server2')
      .exec('systemctl is-active haproxy keepalived || true');
    expect(stdout).toBe('inactive\ninactive\n');
    changed = { ...changed, server2: {} };
    await write();
    await cluster.project.apply(...planOptions);
    await cluster.whole();
    await wellAfterReboot();
  },
  900_000,
);

testLong(
  'the database host gets another name and then another address, and keeps its data',
  async () => {
    changed = { ...changed, storage1: { name: 'nas' } };
    await write();
    const refused = await cluster.project.terraform('apply', '-auto-approve', '-input=false');
    expect(refused.stderr.replace(/\s*\n[│ ]*/g, ' ')).toContain(
      'On the same machine under a new name the data is there already',
    );
    const before = await cluster.sql('SELECT count(*) > 0 FROM kine', 'k3s');
    expect(before).toBe('t');
    await cluster.project.apply('-var=leave_data=true');
    await cluster.whole();
    await wellAfterReboot();
    await cluster.move('storage1', 30);
    await expect(write()).rejects.toThrow("run 'k3s-cdk init --renew'");
    await cluster.project.k3sCdk('init', '--yes', '--renew');
    await apply();
    await cluster.whole();
    await wellAfterReboot();
  },
  1_200_000,
);
