import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, utimesSync } from 'node:fs';
import { HostSandbox } from '../support/host-sandbox';
import { testInSandbox } from '../support/test-in-sandbox';

const script = readFileSync('src/hosts/leave.sh', 'utf8');
/** Home folder of the SSH user, and what Terraform runs in it. */
const home = '/run/home';
const own = `${home}/.k3s-cdk-7.sh`;
let host: HostSandbox;

beforeEach(() => {
  host = new HostSandbox();
  host.write(own, `host=server1 sudo=\n${script}`);
  host.write('/run/lock/k3s-cdk-k3s', '');
});

afterEach(() => host.remove());

const leave = () => host.run({ 'run.sh': `cd ${home} && exec sh ./.k3s-cdk-7.sh\n` });

function uninstaller(name: string, body: string): void {
  const path = `/usr/local/lib/k3s-cdk/uninstall.d/${name}`;
  host.write(path, `echo uninstalls ${name}\n${body}\n`, 0o755);
}

/** @param seconds before or after what runs was written */
function write(path: string, seconds: number): void {
  host.write(path, '');
  const time = Date.now() / 1000 + seconds;
  utimesSync(host.path(path), time, time);
}

testInSandbox('everything that steps have left an uninstaller for is taken off, the last step first', () => {
  uninstaller('10-prepare', 'rm "$0"');
  uninstaller('50-k3s', 'rm "$0"');
  expect(leave()).toEqual({
    status: 0,
    output: 'uninstalls 50-k3s\nuninstalls 10-prepare\nserver1 has left the cluster\n',
  });
  expect(host.has('/usr/local/lib/k3s-cdk')).toBe(false);
});

testInSandbox('a host that has nothing of a step, no folder in the home either, can leave', () => {
  expect(leave()).toEqual({ status: 0, output: 'server1 has left the cluster\n' });
});

testInSandbox('what steps have left in the home folder goes, and nothing that came later', () => {
  for (const path of ['.k3s-cdk/5.sh', '.k3s-cdk/run.k3s.abcdef/key', '.k3s-cdk-6.sh'])
    write(`${home}/${path}`, -3600);
  utimesSync(host.path(`${home}/.k3s-cdk/run.k3s.abcdef`), 1, 1);
  write(`${home}/notes`, -3600);
  leave();
  expect(['.k3s-cdk', '.k3s-cdk-6.sh', 'notes'].map((name) => host.has(`${home}/${name}`))).toEqual([
    false,
    false,
    true,
  ]);

  write(`${home}/.k3s-cdk/prepare/run.sh`, 60);
  write(`${home}/.k3s-cdk-8.sh`, 60);
  utimesSync(host.path(`${home}/.k3s-cdk/prepare`), Date.now() / 1000 + 60, Date.now() / 1000 + 60);
  leave();
  expect(host.has(`${home}/.k3s-cdk/prepare/run.sh`)).toBe(true);
  expect(host.has(`${home}/.k3s-cdk-8.sh`)).toBe(true);
});

testInSandbox('what cannot be taken off is told, the rest goes, and the host has not left', () => {
  uninstaller('10-prepare', 'rm "$0"');
  uninstaller('50-k3s', 'echo "it hangs" >&2; exit 1');
  expect(leave()).toEqual({
    status: 1,
    output: `uninstalls 50-k3s\nit hangs\nuninstalls 10-prepare\nerror: server1: these could not be uninstalled completely (the reasons are above): /usr/local/lib/k3s-cdk/uninstall.d/50-k3s\n`,
  });
});

testInSandbox('it waits for a step that an apply has left running', async () => {
  uninstaller('50-k3s', 'flock --nonblock /run/lock/k3s-cdk-k3s true && rm "$0"');
  const step = spawn('flock', [host.path('/run/lock/k3s-cdk-k3s'), 'sh', '-c', 'echo held; sleep 1'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(step, 'exit');
  await once(step.stdout, 'data');
  expect(leave()).toEqual({ status: 0, output: 'uninstalls 50-k3s\nserver1 has left the cluster\n' });
  await ended;
});

testInSandbox('however many run, it waits no longer than for one', () => {
  for (const name of ['prepare', 'nfs']) host.write(`/run/lock/k3s-cdk-${name}`, '');
  host.stub('date', 'echo x >>"$STUB/asked"; echo $(($(wc -l <"$STUB/asked") * 400))');
  host.stub('flock', 'exit 1');
  leave();
  expect(host.calls().flatMap((call) => /^flock --wait \d+/.exec(call) ?? [])).toEqual([
    'flock --wait 200',
    'flock --wait 0',
    'flock --wait 0',
  ]);
});

testInSandbox('where a step does not end, nothing is taken from under it', () => {
  uninstaller('50-k3s', '');
  host.stub('flock', 'exit 1');
  expect(leave()).toEqual({
    status: 1,
    output: "error: server1: still running after 10 minutes: k3s, see 'ps -ef | grep k3s-cdk'\n",
  });
});
