import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { canApply, Project, testApply } from './support/project';
import { report } from './support/report';
import { services } from './support/services';
import { whenWell } from './support/status';
import { TestCluster } from './support/test-cluster';

// Two people with a folder each, on machines of their own, and the state on a server. Each test goes on with what the
// one before it has left.

let cluster: TestCluster;
let server: ChildProcess;
let url = '';
let anna: Project;
let ben: Project;

beforeAll(async () => {
  if (!canApply) return;
  cluster = await TestCluster.up(`test-team-${process.pid}`, '10.89.0', [
    { name: 'storage1', number: 10, roles: ['database', 'nfs'] },
    ...[1, 2, 3].map((number) => ({ name: `server${number}`, number: 10 + number, roles: ['server'] })),
  ]);
  cluster.absent.add('server3');
  const script = join(__dirname, '../support/state-server.js');
  server = spawn('ip', ['netns', 'exec', cluster.lab.namespace, process.execPath, script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = await once(server.stdout ?? server, 'data');
  url = `http://127.0.0.1:${String(port).trim()}/lab`;
  anna = cluster.project;
});

afterAll(async () => {
  server?.kill();
  if (cluster) expect(await cluster.down()).toEqual([]);
});

const yaml = (changes: object = {}) =>
  cluster.yaml({
    terraform: { backend: { http: { address: url, lock_address: url, unlock_address: url } } },
    ...changes,
  });

/** A commit that somebody pulls: what is in git, and the secrets, which come by another way. */
function pull(from: Project, to: Project): void {
  for (const name of ['cluster.yaml', 'known_hosts', 'secrets'])
    cpSync(from.path(name), to.path(name), { recursive: true });
}

/** As somebody else at another machine. Without an API of a real k3s, it ends when that is asked for. */
async function deploy(project: Project, ...options: string[]) {
  const began = performance.now();
  const result = await project.k3sCdkAs(
    ['deploy', '--plain', '--yes', '--no-wait', ...options],
    join(project.folder, 'home'),
  );
  const output = result.stdout + result.stderr;
  return { ...result, output, seconds: (performance.now() - began) / 1000 };
}

/** Steps that a deploy has run: `server3 prepare`. */
const stepsOf = (output: string) => [...output.matchAll(/(\S+ \S+): done after/g)].map(([, step]) => step);

async function state(method = 'GET', body?: string): Promise<string> {
  const options = ['-s', '-X', method, ...(body === undefined ? [] : ['--data-binary', '@-']), url];
  return (await cluster.lab.run('curl', options, body === undefined ? {} : { input: body })).stdout;
}

/** A plan of Terraform alone, and the connections that it takes. */
async function expectNothingToDo(project: Project): Promise<void> {
  const before = await cluster.sshConnections();
  const { status, stdout, stderr } = await project.terraform('plan', '-detailed-exitcode', '-input=false');
  expect({ status, output: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, output: '' });
  expect((await cluster.sshConnections()) - before).toBe(0);
}

testApply(
  'one person makes the cluster, and nothing but files of git and secrets lies in the folder',
  async () => {
    anna.write(yaml());
    await anna.k3sCdk('init', '--yes');
    const { output, seconds } = await deploy(anna);
    expect(output).toContain('server1 k3s: done');
    report(`bare hosts with the state on a server: ${seconds.toFixed(0)} s`);
    await cluster.fetchCa();
    await cluster.whole();
    expect(readdirSync(anna.folder).filter((name) => name.includes('tfstate'))).toEqual([]);
    await expectNothingToDo(anna);
  },
);

testApply(
  'another machine finds nothing to do, without a connection, and deploys the next commit',
  async () => {
    ben = new Project(cluster.lab, anna.tools, 'ben');
    symlinkSync(anna.path('artifacts'), ben.path('artifacts'));
    pull(anna, ben);
    await ben.k3sCdk('synth');
    await ben.init();
    await expectNothingToDo(ben);
    cluster.absent.delete('server3');
    ben.write(yaml());
    await ben.k3sCdk('init', '--yes');
    const { output } = await deploy(ben);
    expect(stepsOf(output)).toEqual(expect.arrayContaining(['server3 prepare', 'server3 k3s']));
    await expectNothingToDo(ben);
    pull(ben, anna);
    await anna.k3sCdk('synth');
    await expectNothingToDo(anna);
  },
);

testApply('what must not change is refused from each machine, before anything is done', async () => {
  for (const project of [anna, ben]) {
    project.write(yaml({ network: { pods: ['10.44.0.0/16'], services: ['10.45.0.0/16'] } }));
    const before = await cluster.sshConnections();
    const { output, status } = await deploy(project);
    expect({ status, output }).toMatchObject({
      status: 1,
      output: expect.stringContaining("'network.pods' is 10.42.0.0/16 in this cluster, and cannot become"),
    });
    const alone = await project.terraform('plan', '-input=false');
    expect((alone.stdout + alone.stderr).replace(/\s*\n[│╷╵ ]*/g, ' ')).toContain(
      'TF_VAR_last_applied="$(terraform output -json)" before the command',
    );
    expect(await cluster.sshConnections()).toBe(before);
    project.write(yaml());
    await project.k3sCdk('synth');
  }
});

testApply('a deploy that dies in the middle of a step is continued from the other machine', async () => {
  const running = anna.startApply(`-replace=${anna.address('server2_load-balancer')}`);
  expect(await running.reaches(/server2_load-balancer \(remote-exec\): Connected!/)).toBe(true);
  running.kill();
  await running.ended;
  // As if the state had been written in that moment: the step is there as done, with a run that no host knows.
  const written = JSON.parse(await state());
  for (const { name, instances } of written.resources)
    if (name === 'server2_load-balancer') instances[0].attributes.id = '4711';
  await state('POST', JSON.stringify({ ...written, serial: written.serial + 1 }));

  const locked = await deploy(ben);
  expect(locked.status).toBe(1);
  const [, unlock = ''] = /(?:terraform|tofu) -chdir=\S+ (force-unlock \S+)'/.exec(locked.output) ?? [];
  expect(locked.output).toMatch(/error: somebody else is working on this cluster \([\w-]+; the server/);
  expect((await ben.terraform('force-unlock', '-force', unlock.split(' ')[1] ?? '')).status).toBe(0);

  // Terraform alone says so, too.
  const alone = await ben.terraform('apply', '-auto-approve', '-input=false');
  expect({ status: alone.status, output: alone.stdout + alone.stderr }).toMatchObject({
    status: 1,
    output: expect.stringContaining(`-replace=${ben.address('server2_load-balancer')}`),
  });
  const { output } = await deploy(ben);
  expect(output).toContain('to be run again: server2 load-balancer');
  expect(stepsOf(output)).toEqual(['server2 load-balancer']);
  await expectNothingToDo(anna);
  await whenWell(cluster);
});

testApply('a lost state is made again from the hosts, and nothing restarts', async () => {
  const before = await services(cluster);
  await state('DELETE');
  const { output, seconds } = await deploy(ben);
  expect(output).toContain(
    'the state has nothing of this cluster, but storage1, server1, server2, server3 were set up',
  );
  report(`a lost state: ${stepsOf(output).length} steps in ${seconds.toFixed(0)} s`);
  expect(await services(cluster)).toEqual(before);
  await expectNothingToDo(ben);
  await expectNothingToDo(anna);
  await whenWell(cluster);
});

testApply('no secret is in the state', async () => {
  const text = await state();
  for (const secret of anna.secrets()) expect(text.includes(secret)).toBe(false);
});
