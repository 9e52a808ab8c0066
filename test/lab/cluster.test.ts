import { ApiWatch } from './support/api-watch';
import { holder, mishaps } from './support/mishaps';
import { canApply, testApply } from './support/project';
import { report } from './support/report';
import { publish, watchCommandLines, whereSecretsAre } from './support/secret-search';
import { services } from './support/services';
import { problemsOf, shortly, statusOf, whenWell } from './support/status';
import { TestCluster } from './support/test-cluster';
import { waitFor } from './wait';

const disks = ['/dev/disk/by-id/ata-SSD1', '/dev/disk/by-id/ata-SSD2'].map((device) => ({ device }));
const settings = { work_mem: '8MB', max_prepared_transactions: 5 };
/** Each test goes on with what the one before it has left. */
let cluster: TestCluster;
/** Of the first apply. */
let firstOutput = '';

beforeAll(async () => {
  if (!canApply) return;
  cluster = await TestCluster.up(`test-cluster-${process.pid}`, '10.74.0', [
    { name: 'storage1', number: 10, roles: ['database', 'nfs'], disks },
    { name: 'server1', number: 11, roles: ['server'] },
    { name: 'server2', number: 12, roles: ['server'] },
    { name: 'agent1', number: 21, roles: ['agent'] },
  ]);
  cluster.absent.add('agent1');
  const { binary } = cluster;
  report(`k3s is ${binary.standIn ? "the lab's stand-in" : `real, ${binary.path}`} ${binary.version}`);
});

afterAll(async () => {
  if (cluster) expect(await cluster.down()).toEqual([]);
});

const answers = () =>
  waitFor('the API answers at the virtual IP', async () => (await cluster.status()) === '200', {
    timeout: 240_000,
    interval: 250,
  });

async function changedTo(yaml: object) {
  cluster.project.write(yaml);
  await cluster.project.k3sCdk('synth');
  return cluster.project.apply();
}

testApply('one apply makes bare hosts a cluster that answers at its virtual IP', async () => {
  const { project } = cluster;
  await watchCommandLines(cluster.lab);
  project.write(cluster.yaml());
  await project.k3sCdk('init', '--yes');
  await project.k3sCdk('synth');
  await project.init();
  const before = await Promise.all(cluster.lab.hosts.map((host) => host.sshConnections()));
  const { seconds, steps, output } = await project.apply();
  firstOutput = output;
  let connections = 0;
  for (const [index, host] of cluster.lab.hosts.entries()) {
    const count = (await host.sshConnections()) - (before[index] ?? 0);
    const own = steps.filter((step) => step.startsWith(`${host.name}_`));
    expect([host.name, count <= 3 * own.length]).toEqual([host.name, true]);
    connections += count;
  }
  report(
    `bare hosts to the end of apply: ${seconds.toFixed(1)} s, ${steps.length} steps, ${connections} connections`,
  );
  await cluster.fetchCa();
  await answers();
  expect(await cluster.status('/api')).toBe('401');
});

testApply(
  'both servers serve the API from one Postgres, which lets them in by certificate only',
  async () => {
    const connections = await cluster.sql(
      `SELECT DISTINCT host(client_addr), ssl, client_dn FROM pg_stat_activity JOIN pg_stat_ssl USING (pid)
     WHERE client_addr IS NOT NULL ORDER BY 1`,
    );
    expect(connections).toMatch(/^10\.74\.0\.11\|t\|\S*\/CN=\S+\n10\.74\.0\.12\|t\|\S*\/CN=\S+$/);
    expect(await cluster.sql('SELECT count(*) FROM pg_authid WHERE rolpassword IS NOT NULL')).toBe('0');
    if (cluster.binary.standIn) return;
    const endpoints = `get endpoints kubernetes -o jsonpath='{.subsets[*].addresses[*].ip}'`;
    const { stdout } = await cluster.lab
      .host('server1')
      .exec(`/usr/local/bin/k3s kubectl --kubeconfig /etc/rancher/k3s/k3s.yaml ${endpoints}`);
    expect(stdout.split(' ').sort()).toEqual(['10.74.0.11', '10.74.0.12']);
  },
);

testApply('a second apply changes nothing and connects to no host', async () => {
  const before = await cluster.sshConnections();
  const { output, seconds, steps } = await cluster.project.apply();
  report(`apply without changes: ${seconds.toFixed(1)} s`);
  expect(output).toContain('No changes.');
  expect(steps).toEqual([]);
  expect(await cluster.sshConnections()).toBe(before);
});

testApply(
  'status tells what was changed by hand and what was stopped, and its repair puts it right',
  async () => {
    const began = performance.now();
    expect(await problemsOf(cluster)).toEqual([]);
    report(`status of three hosts: ${((performance.now() - began) / 1000).toFixed(1)} s`);
    const { lab, project } = cluster;
    await lab.host('server1').exec('echo "# by hand" >>/etc/haproxy/k3s-api.cfg; systemctl stop haproxy');
    await waitFor('the virtual IP leaves server1', async () => (await holder(cluster)).name === 'server2', {
      timeout: 60_000,
      interval: 250,
    });
    await lab
      .host('server2')
      .exec('chmod 0644 /etc/rancher/k3s/config.yaml; systemctl disable --quiet keepalived');
    const asPostgres =
      'cd / && runuser -u k3s-postgres -- env XDG_RUNTIME_DIR=/run/user/$(id -u k3s-postgres)';
    await lab.host('storage1').exec(`${asPostgres} systemctl --user stop k3s-postgres`);
    // One look: servers that have been without their database for a while end, and are told later.
    const { problems, repair } = await statusOf(cluster);
    expect(shortly(problems)).toEqual([
      'server1 drift',
      'server1 unit-down',
      'server2 drift',
      'server2 unit-disabled',
      'storage1 database-down',
    ]);
    const { steps } = await project.apply(...repair.map((address) => `-replace=${address}`));
    expect(steps).toEqual([
      'server1_load-balancer',
      'server2_k3s',
      'server2_load-balancer',
      'storage1_database',
    ]);
    await whenWell(cluster);
  },
);

testApply(
  'no token and no private key is in state, output, process lists, journals or where other users read',
  async () => {
    const { project, lab } = cluster;
    const secrets = project.secrets();
    expect(secrets.length).toBeGreaterThanOrEqual(5);
    for (const secret of secrets) {
      expect(project.state('lab').includes(secret)).toBe(false);
      expect(firstOutput.includes(secret)).toBe(false);
    }
    for (const host of lab.hosts) {
      await publish(host, 'lab-canary');
      expect(await whereSecretsAre(host, ['lab-canary'])).toEqual([
        'command lines',
        'journal',
        '/tmp/lab-canary',
      ]);
      expect(await whereSecretsAre(host, secrets)).toEqual([]);
    }
  },
);

testApply('a timeout of the load balancer is taken up by a reload of haproxy alone', async () => {
  const before = await services(cluster);
  const { steps } = await changedTo(cluster.yaml({ api: { address: cluster.vip, idleTimeout: '2h' } }));
  expect(steps).toEqual(['server1_load-balancer', 'server2_load-balancer']);
  const after = await services(cluster);
  const reloaded = (server: string) => {
    const worker = `${server} haproxy worker`;
    return { [worker]: expect.not.stringMatching(`^${before[worker]}$`) };
  };
  expect(after).toEqual({ ...before, ...reloaded('server1'), ...reloaded('server2') });
});

/** Takes settings of Postgres; returns what the plan had said of its step, and the steps that ran. */
async function settingsChangedTo(settings: object) {
  cluster.project.write(
    cluster.yaml({ api: { address: cluster.vip, idleTimeout: '2h' }, database: { settings } }),
  );
  await cluster.project.k3sCdk('synth');
  const { stdout } = await cluster.project.terraform('plan', '-input=false');
  const told = [...stdout.matchAll(/^ +~ "?(reload|restart)"? += /gm)].map(([, what]) => what);
  const { steps } = await cluster.project.apply();
  return { told, steps };
}

testApply('a setting of Postgres is taken up by a reload of Postgres alone, as the plan says', async () => {
  const before = await services(cluster);
  const { told, steps } = await settingsChangedTo({ work_mem: '8MB' });
  expect({ told, steps }).toEqual({ told: ['reload'], steps: ['storage1_database'] });
  expect(await cluster.sql('SHOW work_mem')).toBe('8MB');
  expect(await services(cluster)).toEqual(before);
});

testApply(
  'one that needs a restart is taken up by a restart of Postgres alone, as the plan says',
  async () => {
    const before = await services(cluster);
    const { told, steps } = await settingsChangedTo(settings);
    expect({ told, steps }).toEqual({ told: ['restart'], steps: ['storage1_database'] });
    expect(await cluster.sql('SHOW max_prepared_transactions')).toBe('5');
    await answers();
    const after = await services(cluster);
    expect(after).toEqual({ ...before, postgres: after.postgres });
    expect(after.postgres).not.toBe(before.postgres);
  },
);

testApply('a label of a node restarts nothing', async () => {
  const before = await services(cluster);
  const { steps } = await changedTo(
    cluster.yaml(
      { api: { address: cluster.vip, idleTimeout: '2h' }, database: { settings } },
      { server1: { labels: { disk: 'ssd' } } },
    ),
  );
  expect(steps).toEqual(['server1_k3s', 'server1_nodes']);
  expect(await services(cluster)).toEqual(before);
});

testApply('the API answers again after every host has been rebooted', async () => {
  const began = performance.now();
  await Promise.all(cluster.lab.hosts.map((host) => host.reboot()));
  const booted = performance.now();
  await answers();
  report(
    `reboot of all hosts: ${((performance.now() - booted) / 1000).toFixed(1)} s after ${((booted - began) / 1000).toFixed(1)} s of boot`,
  );
});

testApply.each(Object.entries(mishaps))(
  'the API is served again at the virtual IP when %s',
  async (what, happen) => {
    await cluster.whole();
    const watch = new ApiWatch(cluster.lab, cluster.vip);
    try {
      await watch.steady(1000, 120_000);
      const since = Date.now();
      const mend = await happen(cluster);
      await watch.steady(5000, 240_000);
      report(`outage at the virtual IP when ${what}: ${watch.longestOutage(since)} ms`);
      await mend();
    } finally {
      watch.stop();
    }
  },
  600_000,
);

/** The agent is in cluster.yaml, and its host key is known. */
async function describeAgent(): Promise<void> {
  const { project } = cluster;
  cluster.absent.clear();
  project.write(cluster.yaml());
  await project.k3sCdk('init', '--yes');
  await project.k3sCdk('synth');
}

testApply(
  'an agent that is off holds up nobody and is not forgotten',
  async () => {
    const { project, lab } = cluster;
    await describeAgent();
    const off = ['-var', 'deferred=["agent1"]'];
    await lab.host('agent1').powerOff();
    try {
      const { steps, seconds } = await project.apply(...off);
      report(`an agent joins while it is off: ${seconds.toFixed(1)} s for ${steps.join(' ')}`);
      expect(steps.filter((step) => step.startsWith('agent1'))).toEqual([]);
      expect(steps).toEqual(expect.arrayContaining(['server1_nodes', 'storage1_nfs']));
      const again = await project.terraform('plan', '-detailed-exitcode', '-input=false', ...off);
      expect({ status: again.status, stderr: again.stderr }).toEqual({ status: 0, stderr: '' });
    } finally {
      await lab.host('agent1').boot();
    }
    const { stdout } = await project.terraform('plan', '-input=false', '-no-color');
    const planned = [...stdout.matchAll(/\.(\S+?)(?:\[0\])? (?:will be created|must be replaced)/g)].map(
      ([, step]) => step,
    );
    expect(planned.sort()).toEqual([
      ...['agent1_finished', 'agent1_firewall', 'agent1_k3s', 'agent1_k3s-binary', 'agent1_nfs-client'],
      ...['agent1_prepare', 'server1_finished', 'server1_nodes'],
    ]);
  },
  600_000,
);

testApply(
  'an agent is installed, and its step says so when the kubelet does not run',
  async () => {
    const { project, lab } = cluster;
    await describeAgent();
    const began = performance.now();
    const { status, stdout } = await project.terraform('apply', '-auto-approve', '-input=false');
    report(
      `an agent without kubelet: apply fails after ${((performance.now() - began) / 1000).toFixed(1)} s`,
    );
    expect(status).toBe(1);
    expect(stdout).toContain('error: agent1: k3s does not start on this host (its last messages are above)');
    const agent = await lab.host('agent1').exec(`systemctl is-enabled k3s-agent; cd /etc/rancher/k3s
    stat -c '%a %n' config.yaml token; grep ^server: config.yaml; readlink /usr/local/bin/k3s`);
    expect(agent.stdout.split('\n')).toEqual([
      'enabled',
      '600 config.yaml',
      '600 token',
      `server: "https://${cluster.vip}:6443"`,
      `k3s-${cluster.binary.version}`,
      '',
    ]);
  },
  600_000,
);

/** What of k3s and its load balancer is on a host. */
async function restOf(name: string): Promise<string> {
  const rest = `ls -d /etc/rancher /var/lib/rancher/* /etc/systemd/system/k3s* /usr/local/bin/k3s* /etc/haproxy/k3s-api.cfg
    systemctl is-active k3s k3s-agent haproxy keepalived
    ip -br link | grep -E 'cni|flannel'; ip -br address | grep '${cluster.vip}/'
    { iptables-save; ip6tables-save; } 2>/dev/null | grep -iE 'kube|cni|flannel'`;
  const { stdout } = await cluster.lab.host(name).exec(rest, { allowFailure: true });
  return stdout.replace(/^inactive\n/gm, '');
}

testApply('an agent leaves, and the others forget it', async () => {
  const { address } = cluster.lab.host('agent1');
  const exports = async () =>
    (await cluster.lab.host('storage1').exec('cat /etc/exports.d/k3s-cdk.exports')).stdout;
  expect(await exports()).toContain(`${address}(`);
  cluster.absent.add('agent1');
  const { seconds, output } = await changedTo(cluster.yaml());
  report(`an agent leaves: ${seconds.toFixed(1)} s`);
  expect(output).toContain('terraform_data.membership["agent1"]: Destruction complete');
  expect(await restOf('agent1')).toBe('');
  expect(await exports()).not.toContain(`${address}(`);
  const plan = await cluster.project.terraform('plan', '-detailed-exitcode', '-input=false');
  expect({ status: plan.status, stderr: plan.stderr }).toEqual({ status: 0, stderr: '' });
  await whenWell(cluster);
});

testApply('destroy takes k3s off the hosts and leaves the data of Postgres and NFS', async () => {
  await cluster.lab.host('storage1').exec('echo kept >/srv/nfs/kept');
  const { status, stderr } = await cluster.project.terraform('destroy', '-auto-approve', '-input=false');
  expect({ status, stderr }).toMatchObject({ status: 0 });
  for (const name of cluster.names('server'))
    expect({ name, rest: await restOf(name) }).toEqual({ name, rest: '' });
  const { stdout } = await cluster.lab
    .host('storage1')
    .exec('cat /srv/nfs/kept /srv/postgres/data/PG_VERSION; du -sm /srv/postgres/data | cut -f1');
  const [kept, version, megabytes] = stdout.trim().split('\n');
  expect({ kept, version }).toEqual({ kept: 'kept', version: '17' });
  expect(Number(megabytes)).toBeGreaterThan(20);
});
