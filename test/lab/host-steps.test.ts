import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { canApply, testApply } from './support/project';
import { report } from './support/report';
import { statusOf, whenWell } from './support/status';
import { TestCluster } from './support/test-cluster';

// Packages and scripts of the user's own. Each test goes on with what the one before it has left.

let cluster: TestCluster;

beforeAll(async () => {
  if (!canApply) return;
  cluster = await TestCluster.up(`test-host-steps-${process.pid}`, '10.94.0', [
    { name: 'storage1', number: 10, roles: ['database'] },
    { name: 'server1', number: 11, roles: ['server'] },
  ]);
});

afterAll(async () => {
  if (cluster) expect(await cluster.down()).toEqual([]);
});

const sourcing = `#!/usr/bin/env bash
set -euo pipefail
here=$(cd "$(dirname "\${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
`;
const greet = `${sourcing}# shellcheck source=/dev/null
. "$here/step.env"
{ cat "$here/greeting"; echo "$HOST"; } >"$here/motd"
place_file 0644 root:root "$here/motd" /etc/motd.own
cp "$1/password" /var/lib/own-password
chmod 0600 /var/lib/own-password
date +%s.%N >>/var/lib/own-greet-runs
`;
const late = `${sourcing}
systemctl is-active --quiet k3s.service || fatal "k3s does not run yet"
touch /var/lib/own-late-begun
if [[ -e /var/lib/own-late-dies ]]; then kill -KILL $$; fi
touch /var/lib/own-late-done
`;

const files: Record<string, string> = {
  'scripts/greet.sh': greet,
  'scripts/forget.sh': '#!/usr/bin/env bash\nset -euo pipefail\nrm -f /etc/motd.own /var/lib/own-*\n',
  'scripts/greeting': 'welcome to\n',
  'scripts/late.sh': late,
  'secrets/steps/greet/password': 'hidden-from-plans\n',
};

function writeFiles(changes: Readonly<Record<string, string>> = {}): void {
  for (const [name, text] of Object.entries({ ...files, ...changes })) {
    const path = cluster.project.path(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    if (name.startsWith('secrets/')) chmodSync(path, 0o600);
  }
}

const greetStep = {
  run: 'scripts/greet.sh',
  uninstall: 'scripts/forget.sh',
  files: ['scripts/greeting'],
  secrets: ['password'],
};
const lateStep = { run: 'scripts/late.sh', name: 'late', after: 'k3s', hosts: ['server1'] };

async function synth(...steps: object[]): Promise<void> {
  cluster.project.write(cluster.yaml({ steps }, { server1: { packages: ['socat'] } }));
  await cluster.project.k3sCdk('init', '--yes');
  await cluster.project.k3sCdk('synth');
}

const on = async (host: string, command: string) =>
  (await cluster.lab.host(host).exec(command, { allowFailure: true })).stdout.trim();

testApply('scripts run where and when they should, and a second apply runs nothing', async () => {
  const { project } = cluster;
  writeFiles();
  await synth(greetStep, lateStep);
  await project.init();
  const { steps, seconds } = await project.apply();
  report(`hosts with steps of their own: ${seconds.toFixed(1)} s`);
  expect(steps).toEqual(
    expect.arrayContaining(['server1_own-greet', 'server1_own-late', 'storage1_own-greet']),
  );
  expect(await on('storage1', 'cat /etc/motd.own; stat -c %a /var/lib/own-password')).toBe(
    'welcome to\nstorage1\n600',
  );
  expect(await on('server1', 'ls /var/lib/own-late-done; command -v socat')).toBe(
    '/var/lib/own-late-done\n/usr/bin/socat',
  );
  expect((await project.apply()).steps).toEqual([]);
  expect(project.state('lab')).not.toContain('hidden-from-plans');
  await cluster.fetchCa();
  await whenWell(cluster);
  const { hosts } = await statusOf(cluster);
  expect(
    hosts.flatMap(({ name, steps = [] }) => steps.map((step) => `${name} ${step.name} ${step.state}`)),
  ).toEqual(expect.arrayContaining(['storage1 own-greet finished', 'server1 own-late finished']));
});

testApply('a change of a script, a file or a secret runs that step alone', async () => {
  const { project } = cluster;
  const both = ['server1_own-greet', 'storage1_own-greet'];
  for (const changes of [
    { 'scripts/greet.sh': `${greet}# more\n` },
    { 'scripts/greeting': 'hello from\n' },
    { 'secrets/steps/greet/password': 'another-hidden-one\n' },
  ]) {
    Object.assign(files, changes);
    writeFiles();
    await synth(greetStep, lateStep);
    expect((await project.apply()).steps).toEqual(both);
  }
  expect(await on('server1', 'cat /etc/motd.own /var/lib/own-password; wc -l </var/lib/own-greet-runs')).toBe(
    'hello from\nserver1\nanother-hidden-one\n4',
  );
});

testApply(
  'status knows a script that died and a file that was changed, and an apply mends both',
  async () => {
    const { project } = cluster;
    await on('server1', 'touch /var/lib/own-late-dies; rm /var/lib/own-late-done');
    Object.assign(files, { 'scripts/late.sh': `${late}# changed\n` });
    writeFiles();
    await synth(greetStep, lateStep);
    await expect(project.apply()).rejects.toThrow("the script of step 'late' ended with status 137");
    await on('storage1', 'echo else >/etc/motd.own');
    const { problems } = await statusOf(cluster);
    expect(problems.map(({ host, message }) => `${host} ${message}`)).toEqual(
      expect.arrayContaining([
        "server1 has a step 'own-late' that did not finish: apply again",
        "storage1 differs from what step 'own-greet' put there: '/etc/motd.own' was changed",
      ]),
    );
    await on('server1', 'rm /var/lib/own-late-dies');
    const { steps } = await project.apply('-replace', project.address('storage1_own-greet'));
    expect(steps).toEqual(['server1_own-late', 'storage1_own-greet']);
    expect(await on('server1', 'ls /var/lib/own-late-done')).toBe('/var/lib/own-late-done');
    await whenWell(cluster);
  },
);

testApply('a step that is removed from a host is uninstalled there, and nothing of it is left', async () => {
  const { project } = cluster;
  await synth({ ...greetStep, hosts: ['server1'] }, lateStep);
  expect((await project.apply()).steps).toEqual(['storage1_prepare']);
  const left =
    'ls -d /etc/motd.own /var/lib/own-* /var/lib/k3s-cdk/*/own-* /usr/local/lib/k3s-cdk/uninstall.d/*own*';
  expect(await on('storage1', left)).toBe('');
  expect(await on('server1', 'cat /etc/motd.own')).toBe('hello from\nserver1');
  await whenWell(cluster);
  await synth();
  expect((await project.apply()).steps).toEqual(['server1_prepare']);
  expect(await on('server1', left)).toBe('');
  await whenWell(cluster);
});

testApply('a host that leaves is rid of the scripts, too', async () => {
  const { project } = cluster;
  await synth(greetStep);
  await project.apply();
  expect(await on('storage1', 'cat /etc/motd.own')).toBe('hello from\nstorage1');
  const { status, stdout } = await project.terraform('destroy', '-auto-approve', '-input=false');
  expect({ status, output: stdout.slice(-400) }).toMatchObject({ status: 0 });
  for (const host of ['storage1', 'server1'])
    expect(await on(host, 'ls -d /etc/motd.own /usr/local/lib/k3s-cdk')).toBe('');
});
