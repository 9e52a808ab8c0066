import { oneText } from '../../src/model/script';
import upkeep from '../../src/upkeep/scripts/upkeep.sh';
import { scratchFolders } from '../support/scratch';
import { ScriptSandbox } from '../support/script-sandbox';
import { testInSandbox } from '../support/test-in-sandbox';

const scratch = scratchFolders();
let host: ScriptSandbox;
beforeEach(() => {
  host = new ScriptSandbox(scratch());
  for (const name of ['sleep', 'dpkg', 'apt-get', 'systemctl', 'journalctl']) host.stub(name);
});

type Call = 'pending' | 'drain' | 'install' | 'settle';

function run(call: Call, inputs: Readonly<Record<string, string>> = {}) {
  const all = {
    ...{ CALL: call, HOST: 'agent1', COMMAND: 'agent', PACKAGES: 'true', DRAIN: 'true' },
    ...{ MAX_UNAVAILABLE: '1', APPLY: '2026-11-29T20:00:00Z', ...inputs },
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}='${value}'\n`);
  host.write('tmp/upkeep', `${lines.join('')}${oneText(upkeep)}`);
  return host.exec(host.path('tmp/upkeep'));
}

/** What is pending, without the boot and the end. */
function pending(inputs?: Readonly<Record<string, string>>): string[] {
  const { stdout, stderr, status } = run('pending', inputs);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const lines = stdout.trimEnd().split('\n');
  expect(lines.pop()).toBe('end');
  return lines.filter((line) => !line.startsWith('boot\t'));
}

testInSandbox('apt says what it would upgrade, and nothing is installed', () => {
  host.stub(
    'apt-get',
    `case $* in *" upgrade "*) cat <<'END'
Reading package lists...
Inst libssl3t64 [3.5.1-1] (3.5.4-1~deb13u1 Debian:13.2/stable [arm64])
Inst linux-image-6.12.57+deb13-arm64 (6.12.57-1 Debian:13.2/stable [arm64])
Conf libssl3t64 (3.5.4-1~deb13u1 Debian:13.2/stable [arm64])
END
esac`,
  );
  expect(pending()).toEqual([
    'package\tlibssl3t64\t3.5.4-1~deb13u1',
    'package\tlinux-image-6.12.57+deb13-arm64\t6.12.57-1',
    'cordon\tno',
  ]);
  const calls = host.calls().filter((call) => call.startsWith('apt-get'));
  expect(calls.at(-1)).toContain('--simulate upgrade --with-new-pkgs');
});

testInSandbox('packages that a power cut left half installed are pending', () => {
  host.stub('dpkg', '[[ $1 != --audit ]] || echo "openssl  half configured"');
  expect(pending()).toEqual(['package\tdpkg\tunfinished', 'cordon\tno']);
});

testInSandbox('a repository that is down is the reason why nobody knows', () => {
  host.stub('apt-get', 'echo "E: Failed to fetch http://deb.invalid" >&2; exit 100');
  const { status, stderr } = run('pending');
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /Failed to fetch[\s\S]*error: agent1: packages cannot be installed .* run the update again/,
  );
});

testInSandbox('dnf says it by its exit code and a table', () => {
  host.unstub('apt-get');
  host.stub(
    'dnf',
    `case $* in
*check-update) printf '\\nopenssl-libs.aarch64   1:3.5.1-4.el10_1   baseos\\nObsoleting Packages\\nold.noarch 1 x\\n'; exit 100 ;;
*needs-restarting*) echo 'Reboot is required to fully utilize these updates.'; exit 1 ;;
esac`,
  );
  expect(pending()).toEqual([
    'package\topenssl-libs.aarch64\t1:3.5.1-4.el10_1',
    'reboot\tits packages ask for it',
    'cordon\tno',
  ]);
  run('install');
  expect(host.calls()).toContainEqual(expect.stringMatching(/^dnf --assumeyes .* upgrade$/));
});

for (const [running, newer, others] of [
  ['6.12.43+deb13-amd64', '6.12.48+deb13-amd64', ['6.12.99+deb13-cloud-amd64']],
  ['6.12.25+rpt-rpi-v8', '6.12.47+rpt-rpi-v8', ['6.12.99+rpt-rpi-2712']],
  ['6.8.0-60-generic', '6.8.0-101-generic', ['6.11.0-8-lowlatency']],
  [
    '5.14.0-570.12.1.el9_6.x86_64',
    '5.14.0-611.5.1.el9_7.x86_64',
    ['5.15.0-999.el9uek.x86_64', '0-rescue-abc'],
  ],
  ['5.15.0-307.178.5.el9uek.x86_64', '5.15.0-312.187.5.el9uek.x86_64', ['5.14.0-999.el9_7.x86_64']],
] as const)
  testInSandbox(`${running} is rebooted for ${newer}, and for no other flavour`, () => {
    host.stub('uname', `case $1 in -r) echo ${running} ;; *) echo agent1 ;; esac`);
    for (const name of [running, ...others]) host.write(`boot/vmlinuz-${name}`, '');
    expect(pending({ PACKAGES: 'false' })).toEqual(['cordon\tno']);
    host.write(`boot/vmlinuz-${newer}`, '');
    expect(pending({ PACKAGES: 'false' })).toEqual([
      `reboot\tkernel ${newer} is installed, ${running} runs`,
      'cordon\tno',
    ]);
  });

testInSandbox('packages that ask for a reboot get one', () => {
  host.write('run/reboot-required', '');
  expect(pending({ PACKAGES: 'false' })).toEqual(['reboot\tits packages ask for it', 'cordon\tno']);
});

testInSandbox('packages are upgraded without removing one, and keep configuration that was changed', () => {
  expect(run('install').status).toBe(0);
  const calls = host.calls();
  expect(calls[0]).toBe('dpkg --configure -a');
  expect(calls.at(-1)).toMatch(/--force-confold .*--force-confdef upgrade --with-new-pkgs --yes$/);
});

testInSandbox('a package that cannot be configured does not hold up the upgrade that repairs it', () => {
  host.stub('dpkg', 'case $1 in --configure) exit 1 ;; esac');
  expect(run('install').status).toBe(0);
  expect(host.calls().at(-1)).toMatch(/ upgrade --with-new-pkgs --yes$/);
});

/** k3s with a node, as its API has it. */
function node({ unschedulable = '', note = '', pods = '' } = {}): void {
  host.write('var/lib/rancher/k3s/agent/kubelet.kubeconfig', '');
  host.program(
    'usr/local/bin/k3s',
    `shift 5
echo "kubectl $*" >>"$(dirname "$(command -v sleep)")/../calls"
case $* in
  *"{.spec.unschedulable} "*) echo "${unschedulable} ${note}" ;;
  *unschedulable}*) echo "${unschedulable}" ;;
  *annotations*) echo "${note}" ;;
  *conditions*) echo True ;;
  *configmap*go-template*) echo 7 ;;
  *"get pods"*) echo "${pods}" ;;
esac`,
  );
}

testInSandbox('it is known who has cordoned a node', () => {
  const of = (state: Parameters<typeof node>[0]) => {
    node(state);
    return pending({ PACKAGES: 'false' });
  };
  expect(of({ unschedulable: 'true', note: 'for an update' })).toEqual(['cordon\tours']);
  expect(of({ unschedulable: 'true' })).toEqual(['cordon\tothers']);
  expect(of({})).toEqual(['cordon\tno']);
});

testInSandbox('an agent takes its turn, which lasts, and a node of its own is not drained at all', () => {
  node();
  expect(run('drain').status).toBe(0);
  const patches = host.calls().filter((call) => call.includes(' patch '));
  expect(patches).toEqual([
    expect.stringMatching(/patch configmap k3s-cdk-turns .*"agent1":"2026-11-29T20:00:00Z \d+"/),
    expect.stringMatching(
      /patch node agent1 .*an update of the host; 'k3s-cdk update' ends it.*"unschedulable":true/,
    ),
  ]);
  expect(run('drain', { DRAIN: 'false' }).status).toBe(0);
  expect(host.calls().filter((call) => call.includes(' patch '))).toEqual([]);
});
