import { writeFileSync } from 'node:fs';
import { cdktfCli, cdktfEnvironment, cdktfJson } from '../support/cdktf-cli';
import { testWhen } from '../support/needs';
import { canApply } from './support/project';
import { report } from './support/report';
import { TestCluster } from './support/test-cluster';

const cdktf = canApply ? cdktfCli() : undefined;
const testCdktf = testWhen(cdktf !== undefined, 'cdktf deploy is not tried: npm has no cdktf-cli here');
let cluster: TestCluster;

beforeAll(async () => {
  if (!cdktf) return;
  cluster = await TestCluster.up(`test-cdktf-${process.pid}`, '10.69.0', [
    { name: 'storage1', number: 10, roles: ['database', 'nfs'] },
    { name: 'server1', number: 11, roles: ['server'] },
    { name: 'server2', number: 12, roles: ['server'] },
  ]);
});

afterAll(async () => {
  if (cluster) expect(await cluster.down()).toEqual([]);
});

testCdktf('cdktf deploy makes bare hosts a cluster, and terraform finds nothing left to do', async () => {
  const { project, lab } = cluster;
  project.write(cluster.yaml());
  await project.k3sCdk('init', '--yes');
  writeFileSync(project.path('cdktf.json'), cdktfJson('k3s-cdk synth'));
  const began = performance.now();
  const words = ['deploy', 'hosts', '--auto-approve', '--skip-provider-lock'];
  const { status, stdout, stderr } = await lab.run(String(cdktf), words, {
    ...{ cwd: project.folder, env: { ...project.environment, ...cdktfEnvironment } },
    ...{ timeout: 900_000, allowFailure: true },
  });
  expect({ status, output: status === 0 ? '' : `${stdout}${stderr}`.slice(-4000) }).toEqual({
    status: 0,
    output: '',
  });
  report(`cdktf deploy: ${((performance.now() - began) / 1000).toFixed(0)} s from bare hosts`);
  await cluster.fetchCa();
  await cluster.whole();
  const plan = await project.terraform('plan', '-detailed-exitcode', '-input=false');
  expect({ status: plan.status, output: plan.status === 0 ? '' : plan.stdout }).toEqual({
    status: 0,
    output: '',
  });
});
