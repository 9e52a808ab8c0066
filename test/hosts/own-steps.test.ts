import { userSecrets } from '../../src/model/user-secrets';
import { topologyOf } from '../support/examples';
import { HostSandbox } from '../support/host-sandbox';
import { SynthesizedHosts } from '../support/hosts-stack';
import { testInSandbox } from '../support/test-in-sandbox';

const example = topologyOf('examples/host-steps.yaml');
const stack = new SynthesizedHosts(example);

/** The example with other anchors. */
const after = (...anchors: readonly string[]) => {
  const steps = anchors.map((after, n) => ({
    ...{ name: `s${n}`, step: `own-s${n}`, after, depth: 0, beforeRoles: false, run: 's.sh' },
    ...{ script: { text: '', libraries: [] }, files: {}, secrets: [] },
  }));
  return new SynthesizedHosts({
    ...example,
    hosts: example.hosts.map((host) => ({ ...host, steps })),
  });
};

test('a script of the user runs on the hosts that it is for, after what it waits for and before their roles', () => {
  expect(stack.ids().filter((id) => id.includes('_own-'))).toEqual([
    'agent1_own-nut',
    'agent1_own-open-iscsi',
    'gpu1_own-nut',
    'gpu1_own-nvidia-runtime',
    'gpu1_own-open-iscsi',
    'server1_own-nut',
    'server1_own-open-iscsi',
    'server2_own-nut',
    'server2_own-open-iscsi',
    'storage1_own-nut',
  ]);
  expect(stack.before('gpu1_own-nvidia-runtime')).toEqual(['gpu1_prepare']);
  expect(stack.before('gpu1_k3s-binary')).toContain('gpu1_own-nvidia-runtime');
  expect(stack.before('storage1_database')).toContain('storage1_own-nut');
});

test('a script that comes after a role waits for its step, and for prepare where the host lacks it', () => {
  const later = after('k3s', 's0', 'database');
  expect(later.before('server1_own-s0')).toEqual(['server1_k3s']);
  expect(later.before('server1_own-s1')).toEqual(['server1_own-s0']);
  expect(later.before('storage1_own-s0')).toEqual(['storage1_prepare']);
  expect(later.before('storage1_own-s2')).toEqual(['storage1_database']);
  expect(later.before('server1_own-s2')).toEqual(['server1_prepare']);
});

test('a change of a script, its files or its secrets is a change of that step alone', () => {
  const [nut] = example.hosts[0]?.steps ?? [];
  if (!nut) throw new Error('no step');
  const others = { ...nut, script: { ...nut.script, text: `${nut.script.text}# more\n` } };
  const changed = new SynthesizedHosts({
    ...example,
    hosts: example.hosts.map((host) => ({
      ...host,
      steps: host.steps.map((step) => (step === nut ? others : step)),
    })),
  });
  const differing = stack
    .ids()
    .filter((id) => JSON.stringify(stack.byId(id).triggers) !== JSON.stringify(changed.byId(id).triggers));
  expect(differing).toEqual(example.hosts.map(({ name }) => `${name}_own-nut`).sort());
});

test('a secret is uploaded from its folder, and its hash is salted with a random token', () => {
  const { triggers, provisioner, lifecycle } = stack.byId('storage1_own-nut');
  expect(triggers['secrets/steps/nut/upsmon-password']).toBe(
    '${fileexists("${path.module}/../../../secrets/steps/nut/upsmon-password") ? sha256("${file("${path.module}/../../../secrets/k3s-token")}${file("${path.module}/../../../secrets/steps/nut/upsmon-password")}") : "none"}',
  );
  expect(provisioner.flatMap(({ file }) => file?.source ?? [])).toEqual([
    '${path.module}/../../../secrets/steps/nut',
  ]);
  expect(lifecycle?.precondition?.[0]?.error_message).toContain(
    "needs 'secrets/steps/nut/upsmon-password': write what is missing",
  );
});

test('init and doctor ask for the secrets of a step, which its hosts need', () => {
  const [secret] = userSecrets(example).filter(({ original }) => original.startsWith('secrets/steps/'));
  expect(secret).toEqual({
    original: 'secrets/steps/nut/upsmon-password',
    copies: [],
    neededBy: example.hosts,
  });
});

test('packages of a host, and of its group, are installed with those of its roles', () => {
  const packages = (id: string) => /APT_PACKAGES='([^']*)'/.exec(stack.commands(id))?.[1];
  expect(packages('agent1_prepare')).toMatch(/ smartmontools lm-sensors /);
  expect(packages('gpu1_prepare')).toMatch(/ nvme-cli /);
  expect(packages('server1_prepare')).not.toMatch(/smartmontools|nvme-cli/);
});

describe('the scripts of the example, with stand-ins for packages, systemd, modprobe and NVIDIA', () => {
  let host: HostSandbox;
  beforeEach(() => {
    host = new HostSandbox();
    host.write('/etc/group', 'root:x:0:\nnut:x:0:\n');
    host.write('/etc/machine-id', 'a'.repeat(32));
    host.write('/usr/local/lib/k3s-cdk/.keep', '');
    host.stub('uname', 'case $1 in -n) echo gpu1 ;; -m) echo x86_64 ;; esac');
    host.stub('dpkg-query', '[[ -e $STUB/installed ]] && printf installed');
    host.stub('apt-get', 'if [[ $* == *install* ]]; then touch "$STUB/installed"; fi');
    for (const name of ['dpkg', 'modprobe', 'nvidia-smi', 'dnf']) host.stub(name);
    host.stub('curl', 'while (($#)); do [[ $1 != --output ]] || echo key >"$2"; shift; done');
    host.stub(
      'systemctl',
      'case $* in is-enabled*) echo enabled ;; show*) printf "LoadState=loaded\\nNeedDaemonReload=no\\n" ;; is-active*) [[ -e $STUB/active ]] ;; restart*) touch "$STUB/active" ;; esac',
    );
  });
  afterEach(() => host.remove());

  const run = (id: string, upload?: string) => {
    const env =
      /cat >step\.env <<'END_OF_K3S_CDK_FILE'\n([\s\S]*?)END_OF/.exec(stack.commands(id))?.[1] ?? '';
    return host.run({ ...stack.filesOf(id), 'step.env': env }, upload);
  };
  const uninstall = (name: string) =>
    host.run({ 'run.sh': `bash /usr/local/lib/k3s-cdk/uninstall.d/${name}\n` });

  testInSandbox('open-iscsi is set up once, and its removal takes back what is not a package', () => {
    expect(run('agent1_own-open-iscsi')).toMatchObject({ status: 0 });
    expect(host.calls()).toEqual(
      expect.arrayContaining(['modprobe iscsi_tcp', 'systemctl restart iscsid.service']),
    );
    expect(host.read('/etc/iscsi/initiatorname.iscsi')).toMatch(
      /^InitiatorName=iqn\.2016-04\.com\.open-iscsi:[0-9a-f]{12}\n$/,
    );
    expect(run('agent1_own-open-iscsi')).toEqual({ status: 0, output: '' });
    expect(host.calls().filter((call) => /restart|apt-get/.test(call))).toEqual([]);
    expect(uninstall('90-own-open-iscsi')).toEqual({ status: 0, output: '' });
    expect(host.has('/etc/modules-load.d/own-open-iscsi.conf')).toBe(false);
    expect(host.has('/usr/local/lib/k3s-cdk/uninstall.d/90-own-open-iscsi')).toBe(false);
  });

  testInSandbox("NVIDIA's runtime needs a driver, and restarts a k3s that has not seen it", () => {
    host.stub('nvidia-smi', 'exit 9');
    expect(run('gpu1_own-nvidia-runtime')).toMatchObject({ status: 1 });
    expect(host.calls().join()).not.toContain('apt-get');
    host.stub('nvidia-smi');
    host.write('/var/lib/rancher/k3s/agent/etc/containerd/config.toml', '[plugins]\n');
    host.write('/stubs/active', '');
    expect(run('gpu1_own-nvidia-runtime')).toMatchObject({ status: 0 });
    expect(host.read('/etc/apt/sources.list.d/own-nvidia.list')).toContain('signed-by=/etc/apt/keyrings');
    expect(host.calls()).toContain('systemctl restart k3s.service');
    host.write('/var/lib/rancher/k3s/agent/etc/containerd/config.toml', 'nvidia\n');
    expect(run('gpu1_own-nvidia-runtime')).toEqual({ status: 0, output: '' });
    expect(host.calls().join()).not.toMatch(/restart|curl/);
    expect(uninstall('90-own-nvidia-runtime')).toMatchObject({ status: 0 });
    expect(host.calls().join()).toContain('remove --yes nvidia-container-toolkit');
    expect(host.has('/etc/apt/sources.list.d/own-nvidia.list')).toBe(false);
  });

  testInSandbox(
    'the host with the UPS serves it, others ask it, and the password is in 0640 files alone',
    () => {
      host.write('/var/upload/upsmon-password', 'hidden1\n');
      const secrets = host.path('/var/upload');
      expect(run('server1_own-nut', secrets)).toMatchObject({ status: 0 });
      expect(host.read('/etc/nut/upsmon.conf')).toContain(
        'MONITOR ups@192.168.1.10 1 upsmon hidden1 secondary',
      );
      expect(host.has('/etc/nut/upsd.users')).toBe(false);
      const { status, output } = run('storage1_own-nut', secrets);
      expect({ status, leaks: output.includes('hidden1') }).toEqual({ status: 0, leaks: false });
      expect(host.read('/etc/nut/upsmon.conf')).toContain('hidden1 primary');
      expect(host.mode('/etc/nut/upsd.users')).toBe('640');
      expect(host.calls().join()).not.toContain('hidden1');
      expect(uninstall('90-own-nut')).toEqual({ status: 0, output: '' });
      expect(host.has('/etc/nut/upsmon.conf')).toBe(false);
    },
  );
});
