import { readdirSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { K3sBinary } from './k3s-binary';
import { ApiWatch } from './support/api-watch';
import { HeldConnections } from './support/held-connections';
import { isLong, testLong } from './support/long';
import { holder } from './support/mishaps';
import { canApply, type TimedStep, testApply } from './support/project';
import { brokenRelease, laterRelease } from './support/releases';
import { report } from './support/report';
import type { RunningApply } from './support/running-apply';
import { shortenCertificates } from './support/short-certificates';
import { problemsOf, statusOf, whenWell } from './support/status';
import { TestCluster } from './support/test-cluster';

/** Each test goes on with what the one before it has left. */
let cluster: TestCluster;
let first: K3sBinary;
let second: K3sBinary;

beforeAll(async () => {
  if (!canApply) return;
  cluster = await TestCluster.up(`test-upgrade-${process.pid}`, '10.71.0', [
    { name: 'storage1', number: 10, roles: ['database'] },
    { name: 'server1', number: 11, roles: ['server'] },
    { name: 'server2', number: 12, roles: ['server'] },
    { name: 'server3', number: 13, roles: ['server'] },
  ]);
  first = cluster.binary;
  const later = laterRelease(first, cluster.project.folder);
  if (!later) throw new Error(`there is no release after ${first.path} beside it`);
  second = later;
  report(`k3s is ${first.standIn ? "the lab's stand-in" : `real, ${first.path}`} ${first.version}`);
  await cluster.begin();
});

afterAll(async () => {
  if (cluster) expect(await cluster.down()).toEqual([]);
});

/** Synthesizes what cluster.yaml says now, with `changes`. */
async function want(changes: object = {}): Promise<void> {
  cluster.project.write(cluster.yaml(changes));
  await cluster.project.k3sCdk('synth');
}

const failingApply = async () => {
  const { status, stdout, stderr } = await cluster.project.terraform(
    'apply',
    '-auto-approve',
    '-input=false',
  );
  expect(status).toBe(1);
  return stdout + stderr;
};

/** Releases that the servers run, in their order. */
async function running(): Promise<string[]> {
  const outputs = cluster.names('server').map(async (name) => {
    const { stdout } = await cluster.lab
      .host(name)
      .exec('readlink /usr/local/bin/k3s; systemctl is-active k3s');
    return stdout.trim().replace('\n', ' ').replace('k3s-', '');
  });
  return Promise.all(outputs);
}

const all = ({ version }: K3sBinary) => cluster.names('server').map(() => `${version} active`);

const steps = (timeline: readonly TimedStep[], name: RegExp) =>
  timeline.filter(({ step }) => name.test(step));

testApply('an upgrade restarts one server after the other, and the API is there meanwhile', async () => {
  await cluster.take(second);
  await want();
  const watch = new ApiWatch(cluster.lab, cluster.vip);
  const held = new HeldConnections(cluster, 8);
  try {
    await watch.steady(1000, 60_000);
    const since = Date.now();
    const timeline = await cluster.project.applyTimed();
    await watch.steady(1000, 60_000);
    const outage = watch.longestOutage(since);
    const lost = held.lostSince(since);
    report(
      `upgrade of three servers: ${((Date.now() - since) / 1000).toFixed(0)} s, longest outage at the virtual IP ${outage} ms (${watch.failures(since)}); connections lost ${lost.join(' ')} times`,
    );
    expect(outage).toBeLessThan(5000);
    expect(Math.max(...lost)).toBeLessThanOrEqual(3);
    const binaries = steps(timeline, /_k3s-binary$/);
    const restarts = steps(timeline, /_k3s$/);
    expect(restarts.map(({ step }) => step)).toEqual(['server1_k3s', 'server2_k3s', 'server3_k3s']);
    for (const { ended } of binaries) expect(ended).toBeLessThanOrEqual(restarts[0]?.began ?? 0);
    for (const [index, { began }] of restarts.entries())
      expect(began).toBeGreaterThanOrEqual(restarts[index - 1]?.ended ?? 0);
  } finally {
    watch.stop();
    held.stop();
  }
  expect(await running()).toEqual(all(second));
});

testApply('going back and leaving out a minor version are refused by the plan, with the reason', async () => {
  const plan = async (version: string) => {
    await want({ k3s: { version, artifacts: './artifacts' } });
    const { status, stderr } = await cluster.project.terraform('plan', '-input=false');
    return { status, reason: stderr.replaceAll(/\s*\n[│╷╵ ]*/g, ' ') };
  };
  const back = await plan(first.version);
  expect(back.status).toBe(1);
  expect(back.reason).toContain(
    `${second.version} runs in this cluster, and there is no way back to ${first.version}`,
  );
  const far = await plan(second.version.replace(/\.(\d+)\./, (_, minor) => `.${Number(minor) + 2}.`));
  expect(far.status).toBe(1);
  expect(far.reason).toContain('skips a minor version');
  expect(far.reason).toContain('TF_VAR_any_k3s_version=true');
});

testApply(
  'a release that does not start is rolled back on the first server, and others are not touched',
  async () => {
    await cluster.take(brokenRelease(second, cluster.project.folder));
    await want();
    const watch = new ApiWatch(cluster.lab, cluster.vip);
    try {
      await watch.steady(1000, 60_000);
      const since = Date.now();
      const output = await failingApply();
      report(
        `a broken release: apply fails after ${((Date.now() - since) / 1000).toFixed(0)} s, longest outage ${watch.longestOutage(since)} ms`,
      );
      expect(output).toContain('this release is broken');
      expect(output).toContain(
        `error: server1: k3s ${cluster.binary.version} with its new configuration does not start`,
      );
      expect(output).toContain(`this host is back on ${second.version}`);
      expect(watch.longestOutage(since)).toBeLessThan(5000);
    } finally {
      watch.stop();
    }
    expect(await running()).toEqual(all(second));
    await cluster.take(second);
    await want();
    await cluster.project.apply();
    await whenWell(cluster);
  },
);

testLong('a configuration that k3s refuses is rolled back, and the next apply goes on', async () => {
  await want({
    k3s: {
      version: second.version,
      artifacts: './artifacts',
      config: { 'kube-apiserver-arg': ['no-such-flag=1'] },
    },
  });
  const began = Date.now();
  const output = await failingApply();
  report(`a refused configuration: apply fails after ${((Date.now() - began) / 1000).toFixed(0)} s`);
  expect(output).toContain('unknown flag: --no-such-flag');
  expect(output).toContain(`this host is back on ${second.version} and its previous configuration`);
  await cluster.whole();
  await want();
  const { steps } = await cluster.project.apply();
  expect(steps).toContain('server1_k3s');
  await whenWell(cluster);
});

/** Nothing runs while a test breaks this; each goes on until it is mended, with what was broken. */
const faults: Readonly<Record<string, () => Promise<void>>> = {
  'the server that is upgraded loses power': () => powerCycle('server2'),
  "the operator's machine loses power": async () => {
    await sleep(500);
    apply.kill();
  },
  'the holder of the virtual IP loses power': async () => powerCycle((await holder(cluster)).name),
  'Postgres is down for 30 s': async () => {
    await cluster.postgres('stop');
    await sleep(30_000);
    await cluster.postgres('start');
  },
};
/** The first is CI's. */
const tried = Object.entries(faults).slice(0, isLong ? undefined : 1);
/** The one that a fault happens to. */
let apply: RunningApply;

async function powerCycle(name: string): Promise<void> {
  await cluster.lab.host(name).powerOff();
  await sleep(3000);
  await cluster.lab.host(name).boot();
}

testApply.each(tried)(
  'when %s during an upgrade, the API answers again and the next apply ends it',
  async (what, happen) => {
    // The next, or back: what a plan refuses unless it is told otherwise.
    await cluster.take(cluster.binary === second ? first : second);
    await want();
    const watch = new ApiWatch(cluster.lab, cluster.vip);
    try {
      await watch.steady(1000, 60_000);
      const since = Date.now();
      apply = cluster.project.startApply('-var', 'any_k3s_version=true');
      expect(await apply.reaches('server2_k3s (remote-exec): starting k3s')).toBe(true);
      await happen();
      const { status } = await apply.ended;
      await watch.steady(2000, 240_000);
      await cluster.whole();
      report(
        `${what}: apply ${status === null ? 'is killed' : `exits ${status}`} after ${((Date.now() - since) / 1000).toFixed(0)} s, longest outage ${watch.longestOutage(since)} ms (${watch.failures(since)})`,
      );
      await cluster.project.applyAfterKill('-var', 'any_k3s_version=true');
    } finally {
      watch.stop();
    }
    expect(await running()).toEqual(all(cluster.binary));
    await whenWell(cluster);
  },
  600_000,
);

/** Applies, with clients asking meanwhile, and tells how long none was answered. */
async function applyWatched(what: string, ...options: string[]): Promise<readonly string[]> {
  const watch = new ApiWatch(cluster.lab, cluster.vip);
  try {
    await watch.steady(1000, 60_000);
    const since = Date.now();
    const { steps, seconds } = await cluster.project.apply(...options);
    await watch.steady(1000, 60_000);
    report(
      `${what}: ${seconds.toFixed(0)} s, longest outage ${watch.longestOutage(since)} ms (${watch.failures(since)})`,
    );
    expect(watch.longestOutage(since)).toBeLessThan(5000);
    return steps;
  } finally {
    watch.stop();
  }
}

testLong(
  'certificates of k3s that are due are told, and renewed by the steps that status names',
  async () => {
    await shortenCertificates(cluster);
    await cluster.whole();
    const due = await problemsOf(cluster);
    expect([...new Set(due)]).toEqual(cluster.names('server').map((name) => `${name} certificate-expires`));
    const { repair } = await statusOf(cluster);
    const steps = await applyWatched(
      'certificates of k3s renewed',
      ...repair.map((address) => `-replace=${address}`),
    );
    expect(steps).toEqual(cluster.names('server').map((name) => `${name}_k3s`));
    await whenWell(cluster);
  },
);

testLong('certificates of the database are replaced without an outage', async () => {
  const { project } = cluster;
  const serial = async () =>
    (await cluster.lab.host('server1').exec('sha256sum /etc/rancher/k3s/datastore/client.crt')).stdout;
  const before = await serial();
  const started = await cluster.sql('SELECT pg_postmaster_start_time()');
  for (const name of readdirSync(project.path('secrets'), { recursive: true, encoding: 'utf8' }))
    if (/(server|datastore-client)\.crt$/.test(name)) rmSync(project.path('secrets', name));
  await project.k3sCdk('init', '--yes');
  const steps = await applyWatched('certificates of the database renewed');
  expect(steps).toEqual(['server1_k3s', 'server2_k3s', 'server3_k3s', 'storage1_database']);
  expect(await serial()).not.toBe(before);
  expect(await cluster.sql('SELECT pg_postmaster_start_time()')).toBe(started);
  await whenWell(cluster);
});
