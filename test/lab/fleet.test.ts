import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { testWhen } from '../support/needs';
import { type K3sBinary, k3sBinary, realK3s } from './k3s-binary';
import { hollowFolder, hollowRelease } from './support/hollow';
import { canApply } from './support/project';
import { laterRelease } from './support/releases';
import { report } from './support/report';
import { TestCluster } from './support/test-cluster';
import { usualTools } from './support/tools';
import { waitFor } from './wait';

const real = realK3s();
const canRun =
  canApply && real !== undefined && readdirSync(dirname(real)).some((name) => name.startsWith('k3s-v'));
const testFleet = testWhen(
  canRun,
  'ten hosts take terraform or tofu, a real k3s, and the release after it beside it: see docs/how-to/lab.md',
);
/** Each test goes on with what the one before it has left. */
let cluster: TestCluster;
let next: K3sBinary;
const agents = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => `agent${number}`);
/** They come later. */
const joining = ['agent7', 'agent8'];

beforeAll(async () => {
  if (!canRun) return;
  const binary = await k3sBinary();
  const later = laterRelease(binary, hollowFolder);
  if (!later) throw new Error(`there is no release after ${binary.path} beside it`);
  next = hollowRelease(later);
  cluster = await TestCluster.up(
    `test-fleet-${process.pid}`,
    '10.73.0',
    [
      { name: 'storage1', number: 10, roles: ['database'] },
      { name: 'server1', number: 11, roles: ['server'] },
      ...agents.map((name, index) => ({ name, number: 21 + index, roles: ['agent'] })),
    ].map((host) => ({ ...host, shared: hollowFolder })),
    usualTools,
    hollowRelease(binary),
  );
  for (const name of joining) cluster.absent.add(name);
  report(`k3s is real, ${binary.path} ${binary.version}, with kubelets that run no containers`);
}, 600_000);

afterAll(async () => {
  if (cluster) expect(await cluster.down()).toEqual([]);
});

/** Changes beside the hosts: two agents may restart at once. */
const settings = (others: object = {}) => ({
  k3s: { version: cluster.binary.version, artifacts: './artifacts', maxUnavailable: 2 },
  ...others,
});

async function want(others: object = {}): Promise<void> {
  cluster.project.write(cluster.yaml(settings(others)));
  await cluster.project.k3sCdk('init', '--yes');
  await cluster.project.k3sCdk('synth');
}

/** `k3s-cdk deploy`, as in CI. */
async function deploy() {
  const began = performance.now();
  const { status, stdout, stderr } = await cluster.project.k3sCdkAs(
    ['deploy', '--plain', '--yes'],
    cluster.project.path('home'),
  );
  const steps = [...(stdout + stderr).matchAll(/(\S+) (\S+): done after/g)].map(
    ([, host, step]) => `${host}_${step}`,
  );
  return { status, stderr, steps: steps.sort(), seconds: (performance.now() - began) / 1000 };
}

/** Steps of an agent. */
const stepsOf = (...names: readonly string[]) =>
  names.flatMap((name) => ['firewall', 'k3s', 'k3s-binary', 'prepare'].map((step) => `${name}_${step}`));
/** Those on hosts, without what Terraform's state alone has. */
function onHosts(steps: readonly string[]): string[] {
  const known = cluster.project.steps();
  return steps.map((step) => step.replace('[0]', '')).filter((step) => known.includes(step));
}

const without = (host: string) => ['-var', `deferred=${JSON.stringify([host])}`];
const hostsOf = (steps: readonly string[]) => [...new Set(steps.map((step) => step.split('_')[0]))].sort();

/** Nodes as `agent1 v1.34.1+k3s1`, with what is not as it should be. */
async function nodes(): Promise<string[]> {
  const columns = '{.metadata.name} {.status.nodeInfo.kubeletVersion} {.spec.unschedulable}';
  const ready = '{.status.conditions[?(@.type=="Ready")].status}';
  const text = await cluster.kubectl(
    `get nodes -o jsonpath='{range .items[*]}${columns}${ready}{"\\n"}{end}'`,
  );
  return text
    .split('\n')
    .map((line) => line.replace(/ True$/, ''))
    .sort();
}

/** Waits for that: a busy API counts heartbeats as missed, until the next one. @param beside a node that may be anything */
async function nodesBecome(wanted: readonly string[], beside?: string): Promise<void> {
  let seen: string[] = [];
  await waitFor(
    `the nodes are ${wanted.join(', ')}`,
    async () => {
      seen = (await nodes()).filter((line) => line.split(' ')[0] !== beside);
      return seen.join() === wanted.join();
    },
    { timeout: 120_000, interval: 1000, explain: () => `they are ${seen.join(', ')}` },
  );
}

const all = (names: readonly string[], { version }: K3sBinary) => names.map((name) => `${name} ${version}`);

testFleet(
  'a host that is off holds up neither an install nor two that join, and is not forgotten',
  async () => {
    const { project, lab, binary } = cluster;
    await want();
    await project.init();
    await lab.host('agent3').powerOff();
    const installed = await project.apply(...without('agent3'));
    expect(onHosts(installed.steps).sort()).toEqual(
      project
        .steps()
        .filter((step) => !step.startsWith('agent3_'))
        .sort(),
    );
    const others = agents.filter((name) => name !== 'agent3' && !joining.includes(name));
    await nodesBecome(all(others, binary));

    cluster.absent.clear();
    await want();
    const joined = await deploy();
    expect({ status: joined.status, lines: joined.stderr.split('\n').filter(Boolean) }).toEqual({
      status: 4,
      lines: expect.arrayContaining([
        "deferred: agent3. When it is on, run 'k3s-cdk deploy', which brings it up to date",
        'until then, with Terraform alone:',
        `  terraform -chdir=cdktf.out/stacks/hosts apply -var 'deferred=["agent3"]'`,
      ]),
    });
    // Of all others only what lists the nodes.
    expect(joined.steps).toEqual([...stepsOf(...joining), 'server1_nodes'].sort());
    await nodesBecome(all([...others, ...joining], binary));

    await lab.host('agent3').boot();
    const returned = await deploy();
    expect({ status: returned.status, stderr: returned.stderr }).toMatchObject({
      status: 0,
      stderr: expect.not.stringContaining('deferred'),
    });
    expect(returned.steps).toEqual([...stepsOf('agent3'), 'server1_nodes'].sort());
    await nodesBecome(all(agents, binary));
    report(
      `nine of ten hosts: ${installed.seconds.toFixed(0)} s; two join: ${joined.seconds.toFixed(0)} s; the one that was off: ${returned.seconds.toFixed(0)} s`,
    );
  },
  900_000,
);

/** As if its kubelet had got its certificate last year. */
const expire = `cd /var/lib/rancher/k3s/agent
openssl x509 -in client-kubelet.crt -noout -checkend 0
openssl req -new -key client-kubelet.key -subj "/O=system:nodes/CN=system:node:$(uname -n)" -out /run/csr 2>/dev/null
openssl x509 -req -in /run/csr -signkey client-kubelet.key -not_before 20240101000000Z -not_after 20240201000000Z -out client-kubelet.crt 2>/dev/null
! openssl x509 -in client-kubelet.crt -noout -checkend 0`;

testFleet(
  'an upgrade drains two at a time, although one that is off fails, which then gets release, token and firewall',
  async () => {
    const { project, lab } = cluster;
    const before = cluster.binary;
    await cluster.kubectl('create deployment web --image=lab.invalid/web --replicas=16');
    await cluster.kubectl('rollout status deployment/web --timeout=120s');
    await lab.host('agent5').exec(expire);
    await lab.host('agent5').powerOff();

    await cluster.take(next);
    await project.k3sCdk('init', '--rotate', 'agents');
    await want({ network: { nodes: ['10.73.0.0/24', '10.99.0.0/24'] } });
    const began = performance.now();
    // Nobody has told Terraform that it is off.
    const upgrade = project.terraform('apply', '-auto-approve', '-input=false');
    let [most, ended] = [0, false];
    const end = upgrade.finally(() => {
      ended = true;
    });
    // It is awaited below.
    end.catch(() => {});
    while (!ended) {
      const cordoned = await cluster.kubectl('get nodes').catch(() => '');
      most = Math.max(most, cordoned.match(/SchedulingDisabled/g)?.length ?? 0);
      await sleep(500);
    }
    const { status, stdout: output, stderr } = await end;
    const seconds = (performance.now() - began) / 1000;
    const failed = [...(output + stderr).matchAll(/^\W*with (?:null_resource|terraform_data)\.(\S+),/gm)].map(
      ([, step = '']) => step,
    );
    expect({ status, failed: hostsOf(failed) }).toEqual({ status: 1, failed: ['agent5'] });
    const others = agents.filter((name) => name !== 'agent5');
    const drained = [...output.matchAll(/draining node '(\S+)'/g)].map(([, name]) => name);
    const undrained = output.match(/node '\S+' (?:is not Ready|does not answer), so .*/g) ?? [];
    expect({ drained: drained.sort(), undrained }).toEqual({ drained: others, undrained: [] });
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(2);
    await nodesBecome(all(others, next), 'agent5');

    await lab.host('agent5').boot();
    const again = await project.apply();
    report(
      `upgrade of seven agents, two at a time: ${seconds.toFixed(0)} s; the one that was off: ${again.seconds.toFixed(0)} s`,
    );
    // What failed, and what waited for it.
    expect(onHosts(again.steps).sort()).toEqual(['agent5_firewall', 'agent5_k3s', 'agent5_k3s-binary']);
    await nodesBecome(all(agents, next));
    expect(before.version).not.toBe(next.version);
    const token = (name: string) => lab.host(name).exec('cat /etc/rancher/k3s/token');
    expect((await token('agent5')).stdout).toBe((await token('agent1')).stdout);
    const plan = await project.terraform('plan', '-detailed-exitcode', '-input=false');
    expect({ status: plan.status, output: plan.status === 0 ? '' : plan.stdout }).toEqual({
      status: 0,
      output: '',
    });
    await waitFor(
      'every pod runs somewhere again',
      async () => /16\/16/.test(await cluster.kubectl('get deployment web')),
      { timeout: 120_000, interval: 1000 },
    );
  },
  900_000,
);
