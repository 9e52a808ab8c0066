import { oneText } from '../../src/model/script';
import uninstall from '../../src/roles/k3s/k3s-uninstall.sh';
import { scratchFolders } from '../support/scratch';
import { ScriptSandbox } from '../support/script-sandbox';
import { testInSandbox } from '../support/test-in-sandbox';

const scratch = scratchFolders();
const own = 'usr/local/lib/k3s-cdk/uninstall.d/50-k3s';
const flexVolumes = 'usr/libexec/kubernetes/kubelet-plugins/volume/exec';

/** A host on which k3s ran. */
function host(): ScriptSandbox {
  const sandbox = new ScriptSandbox(scratch());
  for (const program of ['systemctl', 'pgrep', 'umount', 'ip']) sandbox.stub(program);
  sandbox.stub('ip', '[[ $* != "link show dev"* ]]');
  sandbox.program(own, oneText(uninstall));
  sandbox.write('etc/systemd/system/k3s.service', '[Service]\n');
  sandbox.write('etc/rancher/k3s/config.yaml', 'token: secret\n');
  sandbox.write('var/lib/rancher/k3s/server/token', 'secret\n');
  sandbox.program('usr/local/bin/k3s-v1.36.2+k3s1', '');
  sandbox.write(`${flexVolumes}/plugin`, '');
  return sandbox;
}

testInSandbox('nothing of k3s is left on a host that it leaves, folders of its components included', () => {
  const sandbox = host();
  sandbox.remove(`${flexVolumes}/plugin`);
  expect(sandbox.exec(`/${own}`)).toMatchObject({ status: 0, stderr: '' });
  const left = [
    'etc/systemd/system/k3s.service',
    'etc/rancher',
    'var/lib/rancher',
    'usr/local/bin/k3s-v1.36.2+k3s1',
    'usr/libexec/kubernetes',
    own,
  ].filter((path) => sandbox.has(path));
  expect(left).toEqual([]);
  expect(sandbox.has('usr/libexec')).toBe(true);
});

testInSandbox("somebody's FlexVolume plugins stay", () => {
  const sandbox = host();
  expect(sandbox.exec(`/${own}`)).toMatchObject({ status: 0 });
  expect(sandbox.has(`${flexVolumes}/plugin`)).toBe(true);
});

testInSandbox(
  'a folder that does not become empty is told with the reason, and the rest is uninstalled',
  () => {
    const sandbox = host();
    sandbox.stub(
      'find',
      `[[ $1 != /etc/rancher ]] || { echo "find: cannot delete '/etc/rancher/k3s': Directory not empty" >&2; exit 1; }
     exec /usr/bin/find "$@"`,
    );
    expect(sandbox.exec(`/${own}`)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /^error: \S+: '\/etc\/rancher' is not removed: find: .*Directory not empty\n$/,
      ),
    });
    expect([sandbox.has('var/lib/rancher'), sandbox.has(own)]).toEqual([false, true]);
  },
);
