import { readdirSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { envFile } from '../../src/hosts/env-file';
import { kubeletShutdown, logindDelay } from '../../src/roles/k3s/files/graceful-shutdown';
import { k3sUnit } from '../../src/roles/k3s/files/k3s-unit';
import script from '../../src/roles/k3s/k3s.sh';
import removeNode from '../../src/roles/k3s/k3s-remove-node.sh';
import uninstall from '../../src/roles/k3s/k3s-uninstall.sh';
import { HostSandbox } from '../support/host-sandbox';
import { scriptText } from '../support/host-scripts';
import { testInSandbox } from '../support/test-in-sandbox';

const [oldVersion, newVersion] = ['v1.36.1+k3s1', 'v1.36.2+k3s1'];

let host: HostSandbox;
let database: Server;
beforeEach(async () => {
  database = createServer();
  await new Promise<void>((resolve) => database.listen(0, '127.0.0.1', resolve));
  host = new HostSandbox();
  host.stub('ip', 'echo "2: eth0    inet 192.168.10.11/24 scope global eth0"');
  host.stub('sleep');
  host.stub('sync');
  host.stub('journalctl', 'echo "level=info msg=noise"; echo "level=fatal msg=\\"unknown flag: --broken\\""');
  // Runs what it was told to start last; restarts more and more often while that does not work.
  host.stub(
    'systemctl',
    `case $* in
  show*) echo x >>"$STUB/asked"; wc -l <"$STUB/asked" ;;
  is-active*) echo active ;;
esac`,
  );
  // A server without kubelet is ready with its API.
  host.write('/etc/rancher/k3s/config.yaml.d/99-own.yaml', 'disable-agent: true\n');
  for (const file of [
    'token',
    'agent-token',
    'datastore-ca.crt',
    'datastore-client.crt',
    'datastore-client.key',
  ])
    host.write(`/secrets/${file}`, `${file}\n`);
});
afterEach(() => {
  host.remove();
  database.close();
});

function run(
  config: string,
  version = newVersion,
  files: Record<string, string> = {},
  known: Record<string, string | boolean> = { LAST_VERSION: '', ANY_VERSION: false },
) {
  const { port } = database.address() as AddressInfo;
  // The step before put it there.
  host.write(
    `/usr/local/bin/k3s-${version}`,
    `#!/usr/bin/env bash
echo "k3s $*" >>"$STUB/calls.log"
if [[ $* == *"replace --raw /v1-k3s/token"* ]]; then
  grep -q '"username": "server", "password": "'"$(<"$STUB/token")"'"' "$3" || exit 1
  grep -o '[a-z-]*" }$' "\${@: -1}" | tr -d '" }' >"$STUB/token"
fi
! rm "$STUB/busy" 2>/dev/null || exit 1
! grep -q broken /etc/rancher/k3s/config.yaml || { echo "error: stat kubelet.kubeconfig" >&2; exit 1; }
`,
    0o755,
  );
  const result = host.run(
    {
      'uninstall-k3s.sh': uninstall.text,
      'remove-node.sh': removeNode.text,
      'kubelet.conf': kubeletShutdown,
      'logind.conf': logindDelay,
      'k3s.service': k3sUnit('server'),
      'authentication.yaml': 'kind: AuthenticationConfiguration\n',
      'crds.yaml': '',
      'turns.yaml': '',
      'run.sh': script.text,
      'config.yaml': config,
      'registration.yaml': 'node-label: ["disk=ssd"]\n',
      'step.env': envFile({
        HOST: 'server1',
        COMMAND: 'server',
        VERSION: version,
        NODE_IP: '192.168.10.11',
        LOAD_BALANCER: false,
        DRAIN: true,
        MAX_UNAVAILABLE: 1,
        APPLY: '2026-11-29T20:00:00Z',
        NEEDS: `127.0.0.1:${port}`,
        ...known,
      }),
      ...files,
    },
    host.path('/secrets'),
  );
  const calls = host.calls();
  return { ...result, calls, restarts: calls.filter((call) => call.startsWith('systemctl restart')) };
}

/** Hosts on which a server runs, by its release. */
const running = new Map<string, HostSandbox>();
afterAll(() => {
  for (const kept of running.values()) kept.remove();
});

/** Makes the host one on which a first run has been. */
function firstRun(version = newVersion) {
  const known = running.get(version);
  if (known) return host.become(known);
  expect(run('node-name: "server1"\n', version).status).toBe(0);
  const kept = new HostSandbox();
  kept.become(host);
  running.set(version, kept);
}

testInSandbox('a first start puts everything in place, secrets for root alone, and starts k3s once', () => {
  expect(run('node-name: "server1"\n')).toMatchObject({
    status: 0,
    restarts: ['systemctl restart --no-block k3s'],
  });
  expect(host.read('/etc/rancher/k3s/config.yaml')).toBe('node-name: "server1"\n');
  expect(host.read('/etc/rancher/k3s/config.yaml.d/50-k3s-cdk-interface.yaml')).toBe(
    'flannel-iface: "eth0"\n',
  );
  const secret = ['token', 'agent-token', 'datastore/client.key', 'config.yaml', 'authentication.yaml'];
  for (const file of secret) expect([file, host.mode(`/etc/rancher/k3s/${file}`)]).toEqual([file, '600']);
  expect(host.mode('/var/lib/k3s-cdk/k3s')).toBe('700');
  expect(host.has('/usr/local/bin/k3s')).toBe(true);
});

testInSandbox.each([
  ['server', 'database'],
  ['agent', 'API'],
])('a %s whose %s does not answer stays as it is, and says what to check', (COMMAND, needed) => {
  firstRun();
  const { status, output, restarts } = run(
    'node-name: "other"\n',
    newVersion,
    {
      'run.sh': script.text.replace('wait_until 90 something_answers', 'wait_until 1 something_answers'),
    },
    { LAST_VERSION: '', ANY_VERSION: false, COMMAND, NEEDS: '127.0.0.1:1 [::1]:1' },
  );
  expect({ status, restarts }).toEqual({ status: 1, restarts: [] });
  expect(output).toContain(
    `none of '127.0.0.1:1 [::1]:1' answers, which k3s needs to start; nothing was changed: check that the ${needed} runs and that this host may reach it, then apply again`,
  );
  expect(host.read('/etc/rancher/k3s/config.yaml')).toBe('node-name: "server1"\n');
});

testInSandbox(
  'the kubelet gets time to stop pods, logind grants it more, and folders are as k3s makes them',
  () => {
    const folder = '/var/lib/rancher/k3s/agent';
    host.write('/etc/systemd/logind.conf.d/unattended-upgrades-logind-maxdelay.conf', '');
    const { status, calls } = run('node-name: "server1"\n');
    expect(status).toBe(0);
    const [, seconds] =
      /shutdownGracePeriod: (\d+)s/.exec(host.read(`${folder}/etc/kubelet.conf.d/05-k3s-cdk.conf`)) ?? [];
    const names = readdirSync(host.path('/etc/systemd/logind.conf.d')).sort();
    const [, delay] =
      /InhibitDelayMaxSec=(\d+)/.exec(host.read(`/etc/systemd/logind.conf.d/${names.at(-1)}`)) ?? [];
    expect(Number(delay)).toBeGreaterThan(Number(seconds));
    expect([folder, `${folder}/etc/kubelet.conf.d`].map((path) => host.mode(path))).toEqual(['700', '700']);
    const reloads = (all: readonly string[]) =>
      all.filter((call) => call.includes('--signal=HUP systemd-logind'));
    expect(reloads(calls)).toHaveLength(1);
    expect(reloads(run('node-name: "server1"\n').calls)).toEqual([]);
  },
);

testInSandbox('a hardened server has its policies, and a folder for the audit log, for root alone', () => {
  const policies = { 'admission.yaml': 'kind: A\n', 'audit-policy.yaml': 'kind: Policy\n' };
  expect(run('node-name: "server1"\n', newVersion, policies).status).toBe(0);
  for (const [file, text] of Object.entries(policies)) {
    expect(host.read(`/etc/rancher/k3s/${file}`)).toBe(text);
    expect([file, host.mode(`/etc/rancher/k3s/${file}`)]).toEqual([file, '600']);
  }
  for (const folder of ['server', 'server/logs'])
    expect([folder, host.mode(`/var/lib/rancher/k3s/${folder}`)]).toEqual([folder, '700']);
  // The next run takes them away again, and k3s starts without them.
  expect(run('node-name: "server1"\n').restarts).toHaveLength(1);
  expect(host.has('/etc/rancher/k3s/admission.yaml')).toBe(false);
});

testInSandbox('nothing restarts when nothing changed', () => {
  firstRun();
  expect(run('node-name: "server1"\n')).toMatchObject({ status: 0, restarts: [] });
});

testInSandbox('a server that is too busy to answer at once is asked again, not restarted', () => {
  firstRun();
  host.write('/stubs/busy', '');
  const { status, restarts } = run('node-name: "server1"\n');
  expect({ status, restarts, asked: !host.has('/stubs/busy') }).toEqual({
    status: 0,
    restarts: [],
    asked: true,
  });
});

testInSandbox('what somebody changed or removed by hand is put right', () => {
  firstRun();
  host.write('/etc/rancher/k3s/config.yaml', 'node-name: "other"\n', 0o600);
  expect(run('node-name: "server1"\n')).toMatchObject({
    status: 0,
    restarts: ['systemctl restart --no-block k3s'],
  });
  expect(host.read('/etc/rancher/k3s/config.yaml')).toBe('node-name: "server1"\n');
  rmSync(host.path('/etc/systemd/system/k3s.service'));
  expect(run('node-name: "server1"\n').restarts).toHaveLength(1);
  expect(host.has('/etc/systemd/system/k3s.service')).toBe(true);
});

testInSandbox('another label restarts nothing', () => {
  firstRun();
  const changed = run('node-name: "server1"\n', newVersion, {
    'registration.yaml': 'node-label: ["disk=hdd"]\n',
  });
  expect(changed).toMatchObject({ status: 0, restarts: [] });
  expect(host.read('/etc/rancher/k3s/config.yaml.d/60-k3s-cdk-registration.yaml')).toContain('hdd');
});

testInSandbox('a run that was killed before the restart is finished by the next', () => {
  firstRun();
  host.write('/etc/rancher/k3s/config.yaml', 'debug: true\n', 0o600);
  expect(run('debug: true\n').restarts).toHaveLength(1);
});

testInSandbox('files that are no longer wanted go', () => {
  run('node-name: "server1"\n', newVersion, { 'registries.yaml': '{"mirrors": {}}\n' });
  expect(host.mode('/etc/rancher/k3s/registries.yaml')).toBe('600');
  host.write('/etc/rancher/k3s/own.yaml', 'of the user\n');
  expect(run('node-name: "server1"\n').restarts).toHaveLength(1);
  expect(host.has('/etc/rancher/k3s/registries.yaml')).toBe(false);
  expect(host.has('/etc/rancher/k3s/own.yaml')).toBe(true);
});

testInSandbox(
  'a server that becomes an agent keeps nothing that opens the cluster, and may become one again',
  () => {
    firstRun();
    const secrets = ['/var/lib/rancher/k3s/server/tls/server-ca.key', '/etc/rancher/k3s/k3s.yaml'];
    for (const path of secrets) host.write(path, 'secret');
    host.write('/var/lib/rancher/k3s/agent/client.key', 'its own');
    const asAgent = () =>
      run(
        'node-name: "server1"\n',
        newVersion,
        { 'k3s.service': k3sUnit('agent') },
        { LAST_VERSION: '', ANY_VERSION: false, COMMAND: 'agent' },
      );
    expect(asAgent()).toMatchObject({ status: 0, restarts: ['systemctl restart --no-block k3s-agent'] });
    const gone = [...secrets, '/etc/rancher/k3s/datastore/client.key', '/etc/rancher/k3s/agent-token'];
    const left = [...gone, '/etc/systemd/system/k3s.service', '/usr/local/lib/k3s-cdk/remove-node'];
    expect(left.filter((path) => host.has(path))).toEqual([]);
    expect(host.has('/var/lib/rancher/k3s/agent/client.key')).toBe(true);
    // A run that died before that.
    host.write(secrets[0] ?? '', 'secret');
    expect(asAgent()).toMatchObject({ status: 0, restarts: [] });
    expect(host.has(secrets[0] ?? '')).toBe(false);

    expect(run('node-name: "server1"\n')).toMatchObject({
      status: 0,
      restarts: ['systemctl restart --no-block k3s'],
    });
    expect(host.has('/etc/systemd/system/k3s-agent.service')).toBe(false);
    expect(host.has('/etc/rancher/k3s/datastore/client.key')).toBe(true);
  },
);

testInSandbox('an agent that has taken no turn, because no pods run there, is not drained', () => {
  const agent = (version: string) =>
    run(
      'node-name: "server1"\n',
      version,
      { 'k3s.service': k3sUnit('agent') },
      { LAST_VERSION: '', ANY_VERSION: false, COMMAND: 'agent' },
    );
  expect(agent(oldVersion).status).toBe(0);
  // From now on it has a kubelet, which does not answer.
  rmSync(host.path('/etc/rancher/k3s/config.yaml.d/99-own.yaml'));
  const { output } = agent(newVersion);
  expect(output).toContain(
    `node 'server1' is not Ready, so it restarts as it is\nstarting k3s ${newVersion}`,
  );
  expect(output).not.toContain('drained');
});

testInSandbox('a server that cannot become an agent goes on as a server', () => {
  firstRun();
  host.write('/etc/rancher/k3s/k3s.yaml', 'secret');
  host.stub(
    'systemctl',
    `case $* in
  show*) echo x >>"$STUB/asked"; wc -l <"$STUB/asked" ;;
  is-active*k3s-agent) exit 1 ;;
esac`,
  );
  const { status, output, calls } = run(
    'node-name: "server1"\n',
    newVersion,
    { 'k3s.service': k3sUnit('agent') },
    { LAST_VERSION: '', ANY_VERSION: false, COMMAND: 'agent' },
  );
  expect(status).toBe(1);
  expect(output).toContain(`this host is back on ${newVersion} and its previous configuration`);
  const changes = calls.filter((call) => /^systemctl (disable|enable|restart)/.test(call));
  expect(changes).toEqual([
    'systemctl disable --quiet --now k3s',
    'systemctl enable --quiet k3s-agent',
    'systemctl restart --no-block k3s-agent',
    'systemctl disable --quiet --now k3s-agent',
    'systemctl enable --quiet k3s',
    'systemctl restart --no-block k3s',
  ]);
  expect(host.has('/etc/systemd/system/k3s.service')).toBe(true);
  expect(host.has('/etc/systemd/system/k3s-agent.service')).toBe(false);
  expect(host.has('/etc/rancher/k3s/k3s.yaml')).toBe(true);
});

testInSandbox('credentials of registries replace the registries of cluster.yaml', () => {
  host.write('/secrets/registries.yaml', 'configs: {}\n');
  run('node-name: "server1"\n', newVersion, { 'registries.yaml': '{"mirrors": {}}\n' });
  expect(host.read('/etc/rancher/k3s/registries.yaml')).toBe('configs: {}\n');
});

testInSandbox(
  'files of the user that the configuration names are for root alone, and k3s restarts when one changes',
  () => {
    const known = { LAST_VERSION: '', ANY_VERSION: false, SECRETS: 'vpn audit.yaml' };
    const file = '/etc/rancher/k3s/secrets/vpn';
    for (const name of ['vpn', 'audit.yaml', 'of-another-agent'])
      host.write(`/secrets/files/${name}`, `${name}\n`);
    expect(run('node-name: "server1"\n', newVersion, {}, known).restarts).toHaveLength(1);
    expect([host.mode(file), host.read(file)]).toEqual(['600', 'vpn\n']);
    expect(host.has('/etc/rancher/k3s/secrets/of-another-agent')).toBe(false);
    expect(run('node-name: "server1"\n', newVersion, {}, known).restarts).toEqual([]);
    host.write('/secrets/files/vpn', 'other\n');
    expect(run('node-name: "server1"\n', newVersion, {}, known).restarts).toHaveLength(1);
    expect(host.read(file)).toBe('other\n');
    expect(run('node-name: "server1"\n').restarts).toHaveLength(1);
    expect(host.has(file)).toBe(false);
  },
);

testInSandbox('a new version keeps the old binary, for a way back', () => {
  firstRun(oldVersion);
  host.write('/usr/local/bin/k3s-v1.35.0+k3s1', 'older', 0o755);
  const { calls, restarts } = run('node-name: "server1"\n');
  expect(restarts).toHaveLength(1);
  // While the old one still runs.
  expect(calls.indexOf('k3s kubectl version --client')).toBeLessThan(calls.indexOf(restarts[0] ?? ''));
  expect(calls).toContain('k3s kubectl version --client');
  expect(host.has(`/usr/local/bin/k3s-${oldVersion}`)).toBe(true);
  expect(host.has('/usr/local/bin/k3s-v1.35.0+k3s1')).toBe(false);
});

testInSandbox('what does not start is rolled back, with the reason and what to do', () => {
  firstRun(oldVersion);
  const { status, output, restarts } = run('broken: true\n');
  expect(status).toBe(1);
  expect(restarts).toHaveLength(2);
  expect(output).toContain('level=fatal msg="unknown flag: --broken"');
  expect(output).not.toContain('noise');
  expect(output).toContain(`this host is back on ${oldVersion} and its previous configuration`);
  expect(host.read('/etc/rancher/k3s/config.yaml')).toBe('node-name: "server1"\n');
  // The next apply, with a corrected file, goes on from there.
  expect(run('node-name: "server1"\n')).toMatchObject({
    status: 0,
    restarts: ['systemctl restart --no-block k3s'],
  });
});

testInSandbox('a first start that fails says what k3s complained about', () => {
  const { status, output } = run('broken: true\n');
  expect(status).toBe(1);
  expect(output).toContain('unknown flag: --broken');
  expect(output).toContain('error: server1: k3s does not start on this host');
});

testInSandbox('a first start that fails before there is a node says nothing of the node', () => {
  host.write('/etc/rancher/k3s/config.yaml.d/99-own.yaml', '');
  const { status, output } = run('broken: true\n');
  expect(status).toBe(1);
  expect(output.match(/^error: .*$/gm)).toEqual([
    expect.stringContaining('error: server1: k3s does not start on this host'),
  ]);
});

testInSandbox('an address that no interface has is an error that names the setting', () => {
  host.stub('ip');
  const { status, output, restarts } = run('node-name: "server1"\n');
  expect({ status, restarts }).toEqual({ status: 1, restarts: [] });
  expect(output).toContain(
    "no interface of this host has the address 192.168.10.11: set 'nodeIps' of 'server1'",
  );
});

testInSandbox('the definitions of custom resources are there before the first start', () => {
  expect(run('node-name: "server1"\n', newVersion, { 'crds.yaml': 'kind: X\n' })).toMatchObject({
    status: 0,
  });
  expect(host.read('/var/lib/rancher/k3s/server/manifests/k3s-cdk-crds.yaml')).toBe('kind: X\n');
});

/** A run that wants `version` where `oldVersion` runs, with what the operator knows of the last rollout. */
function upgradeTo(version: string, known: Record<string, string | boolean> = {}) {
  firstRun(oldVersion);
  return run('node-name: "server1"\n', version, {}, { LAST_VERSION: '', ANY_VERSION: false, ...known });
}

testInSandbox.each([
  ['v1.36.0+k3s1', 'no way back'],
  ['v1.35.9+k3s1', 'no way back'],
  ['v1.38.0+k3s1', 'skips a minor version'],
])('where the operator does not know what ran last, the host refuses %s', (version, reason) => {
  const { status, output, restarts } = upgradeTo(version);
  expect({ status, restarts }).toEqual({ status: 1, restarts: [] });
  expect(output).toContain(reason);
  expect(output).toContain(`k3s ${oldVersion} ran here`);
});

testInSandbox(
  'what Terraform lets through is not refused: any version, or the way back from a failed upgrade',
  () => {
    expect(upgradeTo('v1.35.9+k3s1', { ANY_VERSION: true }).status).toBe(0);
    expect(upgradeTo('v1.35.9+k3s1', { LAST_VERSION: 'v1.35.9+k3s1' }).status).toBe(0);
    expect(upgradeTo('v1.37.0+k3s1').status).toBe(0);
  },
);

testInSandbox('certificates that k3s would renew at a start restart it, authorities do not', () => {
  run('node-name: "server1"\n');
  host.stub('openssl', '[[ $3 != *due* ]]');
  host.write('/var/lib/rancher/k3s/server/tls/due-ca.crt', '');
  host.write('/var/lib/rancher/k3s/agent/client.crt', '');
  expect(run('node-name: "server1"\n')).toMatchObject({ status: 0, restarts: [] });
  host.write('/var/lib/rancher/k3s/server/tls/due.crt', '');
  expect(run('node-name: "server1"\n')).toMatchObject({
    status: 0,
    restarts: ['systemctl restart --no-block k3s'],
  });
});

describe('another token for the servers', () => {
  const request = /^k3s kubectl --kubeconfig \S+ --request-timeout 10s replace --raw \/v1-k3s\/token -f \S+$/;

  /** A server that runs with a token that it knows itself by, and a step that brings another one. */
  function anotherToken(knownToK3s: string): void {
    firstRun();
    host.write('/etc/rancher/k3s/k3s.yaml', 'clusters:\n- cluster:\n    server: https://127.0.0.1:7443\n');
    host.write('/stubs/token', knownToK3s);
    host.write('/secrets/token', 'next-token\n');
  }

  testInSandbox('is what k3s itself encrypts the cluster with, before it restarts with it', () => {
    anotherToken('token');
    const { status, calls, restarts } = run('node-name: "server1"\n');
    expect({ status, restarts }).toEqual({ status: 0, restarts: ['systemctl restart --no-block k3s'] });
    const requested = calls.findIndex((call) => request.test(call));
    expect(requested).toBeGreaterThanOrEqual(0);
    expect(requested).toBeLessThan(calls.indexOf('systemctl restart --no-block k3s'));
    expect(host.read('/stubs/token')).toBe('next-token\n');
    expect(host.read('/etc/rancher/k3s/token')).toBe('next-token\n');
    expect(calls.join()).not.toContain('next-token');
    expect(run('node-name: "server1"\n').restarts).toEqual([]);
  });

  testInSandbox('is what a rollback goes back to, because the old one opens nothing any more', () => {
    anotherToken('token');
    expect(run('broken: true\n').output).toContain('its previous configuration');
    expect(host.read('/etc/rancher/k3s/config.yaml')).toBe('node-name: "server1"\n');
    expect(host.read('/etc/rancher/k3s/token')).toBe('next-token\n');
  });

  testInSandbox('is asked for again by a run after one that was killed in between', () => {
    anotherToken('next-token');
    expect(run('node-name: "server1"\n')).toMatchObject({ status: 0 });
    expect(host.read('/etc/rancher/k3s/token')).toBe('next-token\n');
  });

  testInSandbox('is started with where another server has replaced it while this one was off', () => {
    anotherToken('nobody knows');
    host.stub(
      'journalctl',
      'echo "level=fatal msg=\\"bootstrap data already found and encrypted with different token\\""',
    );
    expect(run('node-name: "server1"\n')).toMatchObject({ status: 0 });
    expect(host.read('/etc/rancher/k3s/token')).toBe('next-token\n');
  });

  testInSandbox('waits for a k3s that runs, and changes nothing without one', () => {
    anotherToken('nobody knows');
    const { status, output, restarts } = run('node-name: "server1"\n', newVersion, {
      'lib-k3s-token.sh': scriptText('lib-k3s-token.sh').replace('replace_timeout=120', 'replace_timeout=1'),
    });
    expect({ status, restarts }).toEqual({ status: 1, restarts: [] });
    expect(output).toContain('does not run on this host with the token it has had, so it cannot be replaced');
    expect(host.read('/etc/rancher/k3s/token')).toBe('token\n');
  });
});
