import { answers, testWhen } from '../../support/needs';
import { realK3s } from '../k3s-binary';
import { canApply } from '../support/project';
import { report } from '../support/report';
import { problemsOf, shortly, statusOf, whenWell } from '../support/status';
import { accelerator } from '../vm/accelerator';
import { waitFor } from '../wait';
import { exampleApp, knocker, lingerer, writer } from './example-app';
import { imagesThere, missingImages, shell } from './image-archives';
import { ofExample, RunningApp } from './running-app';
import { agent, RunningSystem, server } from './running-system';
import { volumePage } from './volume-page';

/** k3s and images come from their real sources then. */
const isOnline = process.env.LAB_ONLINE === '1';
const minutes = 60_000;

function missing(): string | undefined {
  if (!canApply) return 'neither terraform nor tofu is on the PATH';
  if (isOnline) return undefined;
  if (realK3s() === undefined)
    return 'there is no k3s: set K3S_BIN, put one into ~/.cache/k3s-cdk/k3s, or set LAB_ONLINE=1';
  const images = missingImages();
  return images.length === 0
    ? undefined
    : `no archive in ~/.cache/k3s-cdk/images has ${images.join(', ')}: put them there with 'docker save', or set LAB_ONLINE=1`;
}

const reason = missing();
const testWhole = testWhen(reason === undefined, `the whole system is not tried: ${reason}`);

/** Each test goes on with what the one before it has left. */
let system: RunningSystem;
let app: RunningApp;
/** The test that has failed, after which the others would only wait for what cannot come. */
let failed: string | undefined;

function testSystem(name: string, run: () => Promise<void>): void {
  testWhole(name, async () => {
    if (failed !== undefined) throw new Error(`not tried, because this failed: ${failed}`);
    try {
      await run();
    } catch (error) {
      failed = name;
      report(await system.lastLines());
      throw error;
    }
  });
}

const began = performance.now();
const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(0)} s`;

beforeAll(async () => {
  if (reason !== undefined) return;
  system = await RunningSystem.up(isOnline);
  app = new RunningApp(system);
  report(`${accelerator()}, k3s ${system.binary.version}: two bare virtual machines after ${seconds(began)}`);
});

afterAll(async () => {
  if (!system) return;
  const left = await system.down();
  report(`all of it took ${seconds(began)}`);
  expect(left).toEqual([]);
});

const nodes = async () =>
  (await system.kubectl(['get', 'nodes', '--no-headers'], { allowFailure: true }))
    .trim()
    .split('\n')
    .map((line) => line.split(/\s+/).slice(0, 2).join(' '))
    .sort();

testSystem('init and deploy make bare machines a cluster with both nodes ready', async () => {
  system.describe();
  await system.k3sCdk('init', '--yes');
  const since = performance.now();
  const said = await system.k3sCdk('deploy', '--plain', '--yes', '--wait', '30');
  report(`bare machines to a cluster with everything in dist up: ${seconds(since)}`);
  await system.pictureOf('deploy', async () => said);
  expect(await nodes()).toEqual([`${agent} Ready`, `${server} Ready`]);
  await system.podsReady(20 * minutes);
  report(`every pod ready: ${seconds(since)}`);
});

testSystem('a second kubectl apply changes nothing', async () => {
  // The first one after `deploy`, which applies on the server's side, leaves its annotation on every object.
  await system.kubectl(['apply', '-f', 'dist']);
  const said = await system.kubectl(['apply', '-f', 'dist']);
  const changed = said.split('\n').filter((line) => line !== '' && !line.endsWith(' unchanged'));
  expect(changed).toEqual([]);
});

testSystem('status finds nothing to say', async () => {
  expect(await problemsOf(system)).toEqual([]);
});

testSystem('an app gets a volume and an address, and is served to the network', async () => {
  const since = performance.now();
  await system.apply(exampleApp(system.project.path('cluster.yaml')));
  await system.apply(writer('writer', shellImage(), agent, 'index.html', 'written in a pod'));
  await waitFor(
    'the service has an address',
    async () => {
      app.address = await app.kubectl('get service web -o jsonpath={.status.loadBalancer.ingress[0].ip}');
      return app.address !== '';
    },
    { timeout: 5 * minutes, interval: 1000 },
  );
  await app.served('written in a pod', 10 * minutes);
  report(`apply to the app's first answer at its own address: ${seconds(since)}`);
  const { stdout } = await system.lab.host(server).exec('cat /srv/nfs/*/index.html');
  expect(stdout).toBe('written in a pod\n');
  expect(await system.holder(app.address)).toBe(agent);
  await system.podsReady(10 * minutes);
  await system.pictureOf('get-all', () => system.kubectl(['get', 'all', '-A', '-o', 'wide']));
  // It warns that nobody gives these hosts the time.
  await system.pictureOf('status', async () => {
    const { stdout } = await system.project.k3sCdkResult('status', '--timeout', '120');
    return stdout;
  });
});

testSystem('root in a pod connects neither to the NFS server nor to Postgres, on no node', async () => {
  const { address: host } = system.lab.host(server);
  // The kubelet's port shows that there is a way.
  const ports = [2049, 5432, 10250].map((port) => `${host}:${port}`);
  for (const node of [agent, server]) {
    const job = `knock-${node}`;
    await system.apply(knocker(job, shellImage(), node, ports));
    await system.kubectl(['wait', '--for=condition=complete', `job/${job}`, '--timeout=600s']);
    const said = await system.kubectl(['logs', `job/${job}`]);
    expect(said.trim().split('\n')).toEqual([
      `${host}:2049 kept away`,
      `${host}:5432 kept away`,
      `${host}:10250 reached`,
    ]);
    await system.kubectl(['delete', 'job', job]);
  }
});

testSystem('what the app has written survives its pods, also on the other node', async () => {
  const since = performance.now();
  // To the server, because the next test takes the agent away.
  await system.kubectl(['cordon', agent]);
  await app.kubectl(`delete pods ${ofExample} --field-selector spec.nodeName=${agent} --wait=false`);
  await app.replicasRunOn(server, server);
  report(`a pod deleted, and another one ready on the other node: ${seconds(since)}`);
  await app.served('written in a pod', 2 * minutes);
  expect(await problemsOf(system)).toEqual([`${agent} node-cordoned`]);
  await system.kubectl(['uncordon', agent]);
});

testSystem('when the agent loses power, its address moves and the app is served again', async () => {
  await app.served('written in a pod', 2 * minutes);
  const since = performance.now();
  await system.lab.host(agent).powerOff();
  await waitFor('the address is at the server', async () => (await system.holder(app.address)) === server, {
    timeout: 10 * minutes,
    interval: 500,
  });
  report(`power loss of the agent: the address has moved after ${seconds(since)}`);
  await app.served('written in a pod', 10 * minutes, 10);
  report(`power loss of the agent: served again, ten times in a row, after ${seconds(since)}`);
  await waitFor('the node counts as lost', async () => (await nodes()).includes(`${agent} NotReady`), {
    timeout: 5 * minutes,
    interval: 2000,
  });
  const problems = await problemsOf(system);
  expect(problems).toEqual(expect.arrayContaining([`${agent} node-not-ready`]));
  expect(problems.filter((problem) => !problem.startsWith(agent))).toEqual([]);
});

testSystem('an agent that has power again is back, and nobody has helped', async () => {
  const since = performance.now();
  await system.lab.host(agent).boot();
  await whenWell(system, 15 * minutes);
  report(`the agent has power again: status has nothing to say after ${seconds(since)}`);
});

testSystem(
  'the kubelets hold up a shutdown, and a pod writes to its volume until its time is over',
  async () => {
    for (const name of [server, agent]) {
      const { stdout } = await system.lab.host(name).exec('systemd-inhibit --list --no-pager');
      expect(stdout).toMatch(/^\s*kubelet\b.*\bshutdown\b.*\bdelay\b/m);
    }
    await system.apply(lingerer('lingerer', shellImage(), agent, 'lingered'));
    await app.kubectl('wait --for=condition=Ready pod/lingerer --timeout=600s');
    const since = performance.now();
    await system.k3sCdk('shutdown', '--plain', '--yes');
    report(`shutdown of both machines: ${seconds(since)}`);
    // SSH is gone before the machines are.
    await waitFor('both machines are off', () => !system.lab.hosts.some((host) => host.isRunning()), {
      timeout: 10 * minutes,
      interval: 500,
    });
  },
);

testSystem('after a shutdown of everything all is back with the power, and nobody has helped', async () => {
  const since = performance.now();
  // The other way round than they need each other.
  await Promise.all([system.lab.host(agent).boot(), system.lab.host(server).boot()]);
  report(`power for both machines: SSH answers after ${seconds(since)}`);
  await app.served('written in a pod', 20 * minutes, 10);
  report(`power for both machines: the app is served after ${seconds(since)}`);
  await whenWell(system, 10 * minutes);
  report(`power for both machines: status has nothing to say after ${seconds(since)}`);
  const { stdout: lingered } = await system.lab.host(server).exec('cat /srv/nfs/*/lingered');
  report(`a pod of the agent was given ${lingered.trim()} s`);
  // It has 30 s, of the 300 that it would like, and writes once a second.
  expect(Number(lingered)).toBeGreaterThanOrEqual(20);
  expect(Number(lingered)).toBeLessThan(60);
  // A pod of this host mounts what the host itself serves: the kubelet unmounts it, or systemd what is left.
  const unmounted = 'Unmounted var-lib-kubelet.*nfs|var-lib-kubelet.*nfs.*mount: Deactivated';
  const { stdout } = await system.lab
    .host(server)
    .exec(
      `journalctl --boot=-1 --output=cat | grep -E '${unmounted}|Stopped (k3s|nfs-server)\\.service' | tail -n 20`,
    );
  const [last, ...before] = stdout.trim().split('\n').reverse();
  expect(last).toMatch(/^Stopped nfs-server/);
  expect(before).toEqual(
    expect.arrayContaining([
      expect.stringMatching(new RegExp(unmounted)),
      expect.stringMatching(/^Stopped k3s/),
    ]),
  );
  // Pods that ended with their hosts stay in the list, as Kubernetes leaves them.
  await app.kubectl('delete pod lingerer --ignore-not-found');
  for (const phase of ['Failed', 'Succeeded'])
    await system.kubectl(['delete', 'pods', '-A', '--field-selector', `status.phase=${phase}`]);
  await system.podsReady(10 * minutes);
});

testSystem('one claim is restored from a backup with the commands of the page on volumes', async () => {
  if (!answers('restic', 'version')) return report('left out: there is no restic on the PATH');
  const host = system.lab.host(server);
  const names = { NAMESPACE: 'example', CLAIM: 'files', NAME: 'web' };
  const page = volumePage(names);
  await system.shell(
    `ssh -F '${system.lab.sshConfig}' ${server} 'cat >/tmp/restic && sudo install -m 0755 /tmp/restic /usr/bin/' <"$(command -v restic)"`,
  );
  const restic = (lines: string) =>
    host.exec(`set -e; export RESTIC_REPOSITORY=/root/volumes RESTIC_PASSWORD_FILE=/root/password\n${lines}`);
  await restic(
    'mkdir /srv/nfs/beside; echo before >/srv/nfs/beside/file; echo secret >/root/password; restic init',
  );
  await restic(page.regularly);
  await restic('echo after >/srv/nfs/beside/file');
  const kept = 'stat -c "%u:%g %a %s" /srv/nfs/*/index.html';
  const { stdout: original } = await host.exec(kept);
  await system.apply(writer('spoiler', shellImage(), agent, 'index.html', 'spoiled'));
  await app.served('spoiled', 10 * minutes);

  const where = await system.shell(page.find);
  const { stdout: folders } = await host.exec('ls /srv/nfs');
  const [folder = '', ...others] = folders.split('\n').filter((name) => name !== '' && where.includes(name));
  expect({ where, folder, others }).toEqual({ where, folder: expect.stringMatching(/./), others: [] });
  await system.shell(page.stop);
  await app.replicasRunOn();
  await restic(volumePage({ ...names, FOLDER: folder }).restore);
  await system.shell(page.stop.replace(/--replicas 0$/, '--replicas 2'));
  await app.served('written in a pod', 10 * minutes, 5);
  const { stdout: restored } = await host.exec(`${kept}; cat /srv/nfs/beside/file; rm -r /srv/nfs/beside`);
  expect(restored).toBe(`${original}after\n`);
  await app.kubectl('delete job spoiler');
});

testSystem('what is changed by hand is found, and an apply of it repairs it', async () => {
  const since = performance.now();
  await system.lab.host(server).exec('echo "# by hand" >>/etc/rancher/k3s/config.yaml');
  await system.lab.host(agent).exec('systemctl disable --quiet k3s-agent');
  const { problems, repair } = await statusOf(system);
  expect(shortly(problems)).toEqual([`${agent} unit-disabled`, `${server} drift`]);
  const { steps } = await system.project.apply(...repair.map((step) => `-replace=${step}`));
  expect(steps).toEqual([`${agent}_k3s[0]`, `${server}_k3s`]);
  await whenWell(system, 10 * minutes);
  report(`drift by hand, found and repaired: ${seconds(since)}`);
  await app.served('written in a pod', 10 * minutes);
  await system.podsReady(10 * minutes);
});

testSystem(
  'an agent that is taken out of cluster.yaml leaves the cluster, and nothing of k3s stays on it',
  async () => {
    // The agent announces the app's address, and runs a pod of it.
    await system.kubectl(['cordon', server]);
    await app.kubectl('scale deployment web --replicas=3');
    await app.replicasRunOn(agent, server, server);
    await system.kubectl(['uncordon', server]);
    expect(await system.holder(app.address)).toBe(agent);
    system.describe([server]);
    const since = performance.now();
    const silence = await app.longestSilence(async () => {
      const said = await system.k3sCdk('deploy', '--plain', '--yes', '--wait', '30');
      report(`removal of the agent: ${seconds(since)}`);
      expect(system.logOf(said)).toContain(`node/${agent} drained`);
    });
    report(`removal of the agent: the app has not answered for ${silence.toFixed(1)} s`);
    expect(await nodes()).toEqual([`${server} Ready`]);
    expect(await restOfK3s(agent)).toBe('');
    await app.replicasRunOn(server, server, server);
    await app.served('written in a pod', 10 * minutes);
  },
);

testSystem('destroy takes k3s off, and leaves the data', async () => {
  const since = performance.now();
  await system.k3sCdk('destroy', '--plain', '--yes');
  report(`destroy: ${seconds(since)}`);
  expect(await restOfK3s(server)).toBe('');
  const { stdout } = await system.lab
    .host(server)
    .exec('cat /srv/nfs/*/index.html /srv/postgres/data/PG_VERSION');
  expect(stdout).toBe('written in a pod\n17\n');
});

function shellImage(): string {
  return imagesThere().find((name) => shell.test(name)) ?? 'docker.io/library/busybox:1.37';
}

/** Files, processes, interfaces and rules of k3s that are on a host. */
async function restOfK3s(name: string): Promise<string> {
  const { stdout } = await system.lab.host(name).exec(
    `ls -d /etc/rancher /var/lib/rancher/* /var/lib/kubelet /etc/systemd/system/k3s{,-agent}.service* /usr/local/bin/k3s* 2>/dev/null
     pgrep -l 'k3s|containerd'; mount | grep -E 'kubelet|/run/k3s'
     ip -br link | grep -E 'cni|flannel|veth'
     { iptables-save; ip6tables-save; } 2>/dev/null | grep -iE 'kube|cni|flannel'
     nft list tables | grep k3s-cdk`,
    { allowFailure: true },
  );
  return stdout;
}
