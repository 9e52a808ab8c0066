import { execFileSync } from 'node:child_process';
import { renameSync } from 'node:fs';
import { testLong } from './support/long';
import { canApply, testApply } from './support/project';
import { report } from './support/report';
import { services } from './support/services';
import { whenWell } from './support/status';
import { TestCluster } from './support/test-cluster';

/** Each test goes on with what the one before it has left. */
let cluster: TestCluster;

/** Of the operator's machine by its whole path, as people with one folder for many clusters have it. */
const usual = () => ({
  k3s: { version: cluster.binary.version, artifacts: cluster.project.path('artifacts') },
});
const otherNetworks = { network: { pods: ['10.44.0.0/16'], services: ['10.45.0.0/16'] } };

beforeAll(async () => {
  if (!canApply) return;
  cluster = await TestCluster.up(`test-slips-guards-${process.pid}`, '10.86.0', [
    { name: 'storage1', number: 10, roles: ['database'] },
    ...[1, 2].map((number) => ({ name: `server${number}`, number: 10 + number, roles: ['server'] })),
  ]);
  await cluster.begin(usual());
});

afterAll(async () => {
  if (cluster) expect(await cluster.down()).toEqual([]);
});

async function want(changes: object): Promise<void> {
  cluster.project.write(cluster.yaml({ ...usual(), ...changes }));
  await cluster.project.k3sCdk('synth');
}

/** What an apply is refused with. */
async function refused(): Promise<string> {
  const { status, stderr, stdout } = await cluster.project.terraform(
    'apply',
    '-auto-approve',
    '-input=false',
  );
  expect({ status, stdout }).toMatchObject({ status: 1 });
  return (stdout + stderr).replace(/\s*\n[│╷╵ ]*/g, ' ');
}

async function expectNothingToDo(): Promise<void> {
  const { status, stdout, stderr } = await cluster.project.terraform(
    'plan',
    '-detailed-exitcode',
    '-input=false',
  );
  expect({ status, output: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, output: '' });
}

testApply(
  'networks of a running cluster are not changed, and it comes back from a reboot of everything',
  async () => {
    const before = await services(cluster);
    await want(otherNetworks);
    const output = await refused();
    expect(output).toContain(
      "'network.pods' is 10.42.0.0/16 in this cluster, and cannot become 10.44.0.0/16",
    );
    expect(output).toContain(
      "'network.services' is 10.43.0.0/16 in this cluster, and cannot become 10.45.0.0/16",
    );
    expect(await services(cluster)).toEqual(before);
    await Promise.all(cluster.lab.hosts.map((host) => host.reboot()));
    await cluster.whole();
    await want({});
    await expectNothingToDo();
    await whenWell(cluster);
  },
);

testApply('doctor tells a folder in memory, and files of the artifacts that are missing', async () => {
  const doctor = async (changes: object) => {
    cluster.project.write(cluster.yaml({ ...usual(), ...changes }));
    const { status, stdout } = await cluster.project.k3sCdkResult('doctor', '--timeout', '120');
    return { status, stdout };
  };
  await cluster.lab.host('storage1').exec('mkdir -p /srv/stick && mount -t tmpfs none /srv/stick');
  expect(await doctor({ database: { dataDir: '/srv/stick/postgres' } })).toMatchObject({
    status: 1,
    stdout: expect.stringContaining(
      "'/srv/stick/postgres' is on a file system of type 'tmpfs', which lies in memory, and is empty after a reboot",
    ),
  });
  const list = cluster.project.path('artifacts/podman/sha256sum.txt');
  renameSync(list, `${list}.away`);
  expect(await doctor({})).toMatchObject({
    status: 1,
    stdout: expect.stringContaining(`'${list}' is missing`),
  });
  renameSync(`${list}.away`, list);
  expect((await doctor({})).stdout).not.toContain('is missing: put the archives');
});

testApply('a renamed cluster is not made anew, and the commands that are told rename it', async () => {
  await want({ name: 'renamed' });
  const { stdout, stderr } = await cluster.project.k3sCdkResult('doctor');
  expect(stdout + stderr).toContain(
    "The cluster in this folder is 'lab', and 'renamed' would be created from scratch",
  );
  const [, commands = ''] = /run in this folder: (.*?terraform\.tfstate)\. /.exec(stdout) ?? [];
  execFileSync('sh', ['-c', commands], { cwd: cluster.project.folder });
  await cluster.project.init();
  // The object that kubectl keeps track with has the cluster's name, and so do backups.
  expect((await cluster.project.apply()).steps).toEqual(['server1_definitions', 'storage1_database-backup']);
  await whenWell(cluster);
});

testLong('data that a destroy has left is taken up again, but not with other networks', async () => {
  const began = performance.now();
  await want({ name: 'renamed' });
  await cluster.project.terraform('destroy', '-auto-approve', '-input=false');
  await want({ name: 'renamed', ...otherNetworks });
  expect(await refused()).toContain(
    "the data of this cluster was made with 'network.pods' 10.42.0.0/16, and cannot be used with 10.44.0.0/16",
  );
  // What containers lack is taken off with k3s.
  for (const name of cluster.names('server')) await cluster.makeFit(name);
  await want({ name: 'renamed' });
  await cluster.project.apply();
  await cluster.whole();
  await whenWell(cluster);
  report(`destroyed and taken up again: ${((performance.now() - began) / 1000).toFixed(0)} s`);
});
