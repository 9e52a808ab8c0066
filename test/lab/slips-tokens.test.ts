import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { canApply, testApply } from './support/project';
import { report } from './support/report';
import { statusOf, whenWell } from './support/status';
import { TestCluster } from './support/test-cluster';

/** Each test goes on with what the one before it has left. */
let cluster: TestCluster;
const servers = ['server1', 'server2', 'server3'];

beforeAll(async () => {
  if (!canApply) return;
  cluster = await TestCluster.up(`test-tokens-${process.pid}`, '10.71.0', [
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

const secret = (path: string) => readFileSync(cluster.project.path('secrets', path), 'utf8');
const onHost = async (name: string, path: string) =>
  (await cluster.lab.host(name).exec(`cat ${path}`)).stdout;

async function apply() {
  await cluster.project.k3sCdk('synth');
  return cluster.project.apply();
}

/** Reboots hosts, one after the other in that order, and waits until every server serves the API. */
async function reboot(...names: string[]): Promise<void> {
  for (const name of names) await cluster.lab.host(name).reboot();
  await cluster.whole();
}

async function expectTokens(): Promise<void> {
  for (const name of servers) {
    expect(await onHost(name, '/etc/rancher/k3s/token')).toBe(secret('k3s-token'));
    expect(await onHost(name, '/etc/rancher/k3s/agent-token')).toBe(secret('k3s-agent-token'));
  }
  await whenWell(cluster, 240_000);
}

testApply("the agents' token is replaced, and servers start with it as often as they reboot", async () => {
  const before = secret('k3s-agent-token');
  await cluster.project.k3sCdk('init', '--rotate', 'agents');
  expect(secret('k3s-agent-token')).not.toBe(before);
  const { steps } = await apply();
  expect(steps).toEqual(servers.map((name) => `${name}_k3s`));
  await reboot('server3', 'server1', 'server2');
  await reboot(...servers);
  await expectTokens();
});

testApply(
  "the servers' token is replaced while one server is off, and all of them start with it afterwards",
  async () => {
    const before = secret('k3s-token');
    await cluster.lab.host('server3').powerOff();
    await cluster.project.k3sCdk('init', '--rotate', 'servers');
    expect(secret('k3s-token.previous')).toBe(before);
    await expect(apply()).rejects.toThrow('server3');
    for (const name of ['server1', 'server2'])
      expect(await onHost(name, '/etc/rancher/k3s/token')).toBe(secret('k3s-token'));
    cluster.absent.add('server3');
    await reboot('server2', 'server1');
    cluster.absent.delete('server3');
    await cluster.lab.host('server3').boot();
    expect(await onHost('server3', '/etc/rancher/k3s/token')).toBe(before);
    await cluster.project.apply();
    await reboot('server3', 'server2', 'server1');
    await expectTokens();
    const plan = await cluster.project.terraform('plan', '-detailed-exitcode', '-input=false');
    expect({ status: plan.status, output: plan.status === 0 ? '' : plan.stdout }).toEqual({
      status: 0,
      output: '',
    });
  },
  600_000,
);

testApply('a backup made after the token was replaced opens with the new one', async () => {
  await cluster.project.k3sCdk('backup', '-o', 'after.tar');
  const { stdout } = await cluster.lab.run('tar', ['-xOf', cluster.project.path('after.tar'), 'token']);
  expect(stdout).toBe(secret('k3s-token'));
});

testApply('secrets/ is lost: init and apply refuse, and what hosts have is fetched', async () => {
  const { project } = cluster;
  renameSync(project.path('secrets'), project.path('lost'));
  const init = await project.k3sCdkResult('init');
  expect({ status: init.status, said: init.stderr }).toEqual({
    status: 1,
    said: expect.stringContaining("fetch it with 'k3s-cdk init --from-hosts'"),
  });
  const doctor = await project.k3sCdkResult('doctor');
  expect(doctor.stdout).toContain("runs with another token than 'secrets/k3s-token'");

  await project.k3sCdk('init', '--from-hosts');
  for (const path of ['k3s-token', 'k3s-agent-token', 'database-ca.crt'])
    expect(secret(path)).toBe(readFileSync(project.path('lost', path), 'utf8'));
  const plan = await project.terraform('plan', '-detailed-exitcode', '-input=false');
  expect({ status: plan.status, output: plan.status === 0 ? '' : plan.stdout }).toEqual({
    status: 0,
    output: '',
  });
  rmSync(project.path('lost'), { recursive: true });
});

testApply(
  "secrets of another cluster: the database's step changes nothing, and the cluster goes on",
  async () => {
    const { project } = cluster;
    const own = ['secrets', 'lab.tfstate'];
    mkdirSync(project.path('own'));
    for (const name of own) renameSync(project.path(name), project.path('own', name));
    await project.k3sCdk('init');
    const config = await onHost('storage1', '/srv/postgres/config/ca.crt').catch(() => '');
    await expect(apply()).rejects.toThrow("is encrypted with another token than 'secrets/k3s-token'");
    expect(await onHost('storage1', '/srv/postgres/config/ca.crt').catch(() => '')).toBe(config);
    rmSync(project.path('secrets'), { recursive: true });
    for (const name of own) renameSync(project.path('own', name), project.path(name));
    // The step that refused has not ended, as status says.
    const { repair } = await statusOf(cluster);
    await project.apply(...repair.map((address) => `-replace=${address}`));
    await reboot('storage1', ...servers);
    await expectTokens();
  },
  900_000,
);
