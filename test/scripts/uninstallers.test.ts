import { oneText } from '../../src/model/script';
import backup from '../../src/roles/backup/uninstall-backup.sh';
import etcd from '../../src/roles/database-cluster/etcd-uninstall.sh';
import firewall from '../../src/roles/firewall/firewall-uninstall.sh';
import k3s from '../../src/roles/k3s/k3s-uninstall.sh';
import nfs from '../../src/roles/nfs/nfs-uninstall.sh';
import prepare from '../../src/roles/prepare/prepare-uninstall.sh';
import { HostSandbox } from '../support/host-sandbox';
import { testInSandbox } from '../support/test-in-sandbox';

let host: HostSandbox;
beforeEach(() => {
  host = new HostSandbox();
  for (const name of ['systemctl', 'loginctl', 'runuser', 'userdel', 'exportfs', 'nfsconf']) host.stub(name);
  host.stub('id', 'echo 999');
  // Of this machine's own.
  host.stub('pgrep', 'exit 1');
  host.stub('ip', '[[ $* != "link show dev"* ]]');
});
afterEach(() => host.remove());

testInSandbox.each([
  ['k3s, which unmounts what is below its folders,', k3s, '/var/lib/rancher/disk', 0],
  ['the notes of all steps', prepare, '/var/lib/k3s-cdk/disk', 1],
  ['etcd', etcd, '/var/lib/k3s-etcd/disk', 1],
  ['the NFS server', nfs, '/var/lib/k3s-cdk/nfs/disk', 0],
  ['backups', backup, '/var/lib/k3s-cdk/backup/disk', 0],
])('the removal of %s deletes nothing through a mount', (_, script, mount, status) => {
  host.write('/var/data/film', 'x');
  const mounted = `mkdir -p ${mount}\nmount --bind /var/data ${mount}\n`;
  // Each removes itself at its end.
  const uninstaller = '/usr/local/lib/k3s-cdk/uninstall.d/x';
  host.write(uninstaller, oneText(script));
  const removal = host.run({ 'run.sh': `${mounted}bash ${uninstaller}\n` });
  expect({ status: removal.status, kept: host.has('/var/data/film') }).toEqual({ status, kept: true });
  if (status !== 0) expect(removal.output).toContain(`something is mounted at '${mount}'`);
  expect(host.has(uninstaller)).toBe(status !== 0);
});

testInSandbox('the removal of k3s leaves a folder below which something stays mounted', () => {
  host.stub('umount', 'exit 1');
  host.write('/var/data/film', 'x');
  const mounted = 'mkdir -p /var/lib/rancher/disk\nmount --bind /var/data /var/lib/rancher/disk\n';
  host.write('/usr/local/lib/k3s-cdk/uninstall.d/50-k3s', oneText(k3s));
  const { status, output } = host.run({
    'run.sh': `${mounted}bash /usr/local/lib/k3s-cdk/uninstall.d/50-k3s\n`,
  });
  expect({ status, kept: host.has('/var/data/film') }).toEqual({ status: 1, kept: true });
  expect(output).toContain("'/var/lib/rancher' is not removed, because something is still mounted below it");
});

/** Takes our rules off a firewalld that does not say that it was reloaded. @param state what `firewall-cmd --state` does */
function closeFirewall(said: string, state: string) {
  host.stub('firewall-cmd', `case $* in --reload) echo "${said}" >&2; exit 1 ;; *--state) ${state} ;; esac`);
  host.write('/etc/firewalld/zones/k3s-cdk.xml', 'x');
  host.write('/usr/local/lib/k3s-cdk/uninstall.d/20-firewall', oneText(firewall));
  const { status, output } = host.run({
    'run.sh': 'bash /usr/local/lib/k3s-cdk/uninstall.d/20-firewall\n',
  });
  return {
    status,
    output,
    asked: host.calls().filter((call) => /^firewall-cmd .*--state/.test(call)).length,
  };
}

testInSandbox('a firewalld that is too busy to answer is waited for', () => {
  const busyOnce = '[[ -e $STUB/asked ]] || { touch $STUB/asked; exit 252; }';
  const busy = 'Error: Did not receive a reply. Possible causes include: the reply timeout expired';
  expect(closeFirewall(busy, busyOnce)).toMatchObject({ status: 0, asked: 2 });
  expect(host.has('/etc/firewalld/zones/k3s-cdk.xml')).toBe(false);
});

testInSandbox('a firewalld that says what is wrong is not', () => {
  expect(closeFirewall('Error: INVALID_ZONE: home', 'true')).toMatchObject({
    status: 1,
    output: expect.stringContaining('INVALID_ZONE: home'),
    asked: 0,
  });
});
