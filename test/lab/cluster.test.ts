import { TestCluster } from './support/test-cluster';
import { waitFor } from './wait';

const disks = ['/dev/disk/by-id/ata-SSD1', '/dev/disk/by-id/ata-SSD2'].map((device) => ({ device }));
let cluster: TestCluster;

beforeAll(async () => {
  cluster = await TestCluster.up(`test-cluster-${process.pid}`, '10.74.0', [
    { name: 'storage1', number: 10, roles: ['database', 'nfs'], disks },
    { name: 'server1', number: 11, roles: ['server'] },
    { name: 'server2', number: 12, roles: ['server'] },
  ]);
  const { binary } = cluster;
  report(`k3s is ${binary.standIn ? "the lab's stand-in" : `real, ${binary.path}`} ${binary.version}`);
});

afterAll(async () => {
  if (cluster) expect(await cluster.down()).toEqual([]);
});

/** Figures are for people; machines differ too much to assert them. */
function report(line: string): void {
  process.stderr.write(`    ${line}\n`);
}

test('one apply makes bare hosts a cluster that answers at its virtual IP', async () => {
  const { project } = cluster;
  project.write(cluster.yaml());
  await project.k3sCdk('init', '--yes');
  await project.k3sCdk('synth');
  await project.init();
  const before = await cluster.sshConnections();
  const { seconds, steps } = await project.apply();
  const connections = (await cluster.sshConnections()) - before;
  report(
    `bare hosts to the end of apply: ${seconds.toFixed(1)} s, ${steps.length} steps, ${connections} connections`,
  );

  await cluster.fetchCa();
  await waitFor('the API answers at the virtual IP', async () => (await cluster.status()) === '200');
}, 900_000);
