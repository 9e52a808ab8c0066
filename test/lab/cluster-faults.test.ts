import { readFileSync, writeFileSync } from 'node:fs';
import { canApply, testApply } from './support/project';
import { report } from './support/report';
import { TestCluster } from './support/test-cluster';
import { waitFor } from './wait';

let cluster: TestCluster;
let knownHosts = '';

beforeAll(async () => {
  if (!canApply) return;
  cluster = await TestCluster.up(`test-faults-${process.pid}`, '10.73.0', [
    { name: 'storage1', number: 10, roles: ['database'], disks: [{ device: '/dev/disk/by-id/ata-SSD1' }] },
    { name: 'storage2', number: 20, roles: ['nfs'] },
    { name: 'server1', number: 11, roles: ['server'] },
    { name: 'server2', number: 12, roles: ['server'], sudo: 'password' },
  ]);
});

afterAll(async () => {
  if (cluster) expect(await cluster.down()).toEqual([]);
});

testApply(
  'each fault of a host fails the apply within its limits, and is told with the name of the host',
  async () => {
    const { project, lab } = cluster;
    const wrongDisk = { device: '/dev/disk/by-id/ata-SSD9', mount: '/srv/postgres', format: 'if-blank' };
    project.write(cluster.yaml({}, { storage1: { disks: [wrongDisk] } }));
    await project.k3sCdk('init', '--yes');
    knownHosts = readFileSync(project.path('known_hosts'), 'utf8');
    writeFileSync(project.path('known_hosts'), withKeyOf(knownHosts, '10.73.0.11', '10.73.0.12'));
    await lab.host('storage2').powerOff();
    await project.k3sCdk('synth');
    await project.init();

    const began = performance.now();
    const { status, stdout, stderr } = await project.terraform('apply', '-auto-approve', '-input=false');
    const seconds = (performance.now() - began) / 1000;
    report(`apply with four faulty hosts: fails after ${seconds.toFixed(1)} s`);
    expect(status).toBe(1);
    expect(seconds).toBeLessThan(400);
    const disk = "error: storage1: disk '/dev/disk/by-id/ata-SSD9' is not there";
    const sudo = "error: server2: user 'pi' cannot use sudo without a password";
    expect(stdout).toContain(disk);
    expect(stdout).toContain(sudo);
    expect(about('server1_prepare', stderr)).toMatch(/host key|knownhosts|key mismatch/);
    expect(about('storage2_prepare', stderr)).toMatch(/timeout|no route to host/);
  },
  600_000,
);

/** known_hosts in which one address has the key of another. */
function withKeyOf(text: string, address: string, other: string): string {
  const key = text.split('\n').find((line) => line.startsWith(`${other} `));
  if (key === undefined) throw new Error(`known_hosts has no key of ${other}:\n${text}`);
  return text.replace(new RegExp(`^${address.replaceAll('.', '\\.')} .*$`, 'm'), key.replace(other, address));
}

/** What Terraform's errors say about one step. */
function about(step: string, errors: string): string {
  return (
    errors.split('Error: ').find((error) => error.includes(`.${step},`)) ?? `nothing about ${step}: ${errors}`
  );
}

testApply(
  'mended hosts converge, however often the apply is killed on the way',
  async () => {
    const { project, lab } = cluster;
    project.write(cluster.yaml());
    writeFileSync(project.path('known_hosts'), knownHosts);
    await lab.host('storage2').boot();
    await lab.host('server2').exec("echo 'pi ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/lab");
    await project.k3sCdk('synth');
    for (const step of ['server2_prepare', 'storage1_database', 'server1_k3s', 'server1_load-balancer']) {
      const killed = await project.applyKilledAt(`${step}: Provisioning with 'remote-exec'`);
      expect({ step, killed }).toEqual({ step, killed: true });
    }
    const { seconds, steps } = await project.apply();
    report(`apply after four killed ones: ${seconds.toFixed(1)} s for ${steps.join(' ')}`);
    await cluster.fetchCa();
    await waitFor('the API answers at the virtual IP', async () => (await cluster.status()) === '200', {
      timeout: 120_000,
    });
    const again = await project.terraform('plan', '-detailed-exitcode', '-input=false');
    expect({ status: again.status, stderr: again.stderr }).toEqual({ status: 0, stderr: '' });
  },
  900_000,
);
