import { HostSandbox } from '../support/host-sandbox';
import { testInSandbox } from '../support/test-in-sandbox';

let host: HostSandbox;
beforeEach(() => {
  host = new HostSandbox();
});
afterEach(() => host.remove());

const run = (command: string) =>
  host.run({
    'run.sh': `set -euo pipefail
HOST=storage1 DATA_DIR=/var/no/such SERVICE_USER=k3s-postgres
here=\${BASH_SOURCE[0]%/*}
. "$here/lib.sh"
. "$here/lib-folders.sh"
. "$here/lib-database-user.sh"
${command}
`,
  });

/** Claims a folder that is not there yet, on a file system of that type. */
function claim(kind: 'database' | 'volumes', type: string, before = '') {
  host.stub('findmnt', `[[ $* == *'--target /var' ]] && echo ${type}`);
  const { status, output } = run(`${before}claim_folder /var/no/such ${kind}`);
  expect(host.has('/var/no/such')).toBe(status === 0);
  return status === 0 && output === '' ? 'fits' : output;
}

testInSandbox.each([
  ['vfat', 'keeps no owners and permissions of files'],
  ['exfat', 'keeps no owners and permissions of files'],
  ['ntfs3', 'keeps no owners and permissions of files'],
  ['tmpfs', 'lies in memory, and is empty after a reboot'],
  ['squashfs', 'takes no changes'],
])('neither the database nor volumes go onto %s, which %s', (type, why) => {
  for (const kind of ['database', 'volumes'] as const)
    expect(claim(kind, type)).toBe(
      `error: storage1: '/var/no/such' is on a file system of type '${type}', which ${why}: have a disk with ext4 or xfs mounted there ('disks' of the host in cluster.yaml), or set a folder on one\n`,
    );
});

testInSandbox.each(['nfs4', 'cifs'])('%s takes no containers, and may be exported once more', (type) => {
  expect(claim('database', type)).toContain(
    'which comes over the network, and podman can keep no containers on it',
  );
  expect(claim('volumes', type)).toBe('fits');
});

testInSandbox('an overlay takes containers where podman has fuse-overlayfs', () => {
  // Whether this machine has it or not.
  const without = 'command() { [[ $* != *fuse-overlayfs ]] && builtin command "$@"; }\n';
  expect(claim('database', 'overlay', without)).toContain('which takes no containers of podman');
  host.stub('fuse-overlayfs');
  expect(claim('database', 'overlay')).toBe('fits');
});

testInSandbox.each(['ext4', 'xfs', 'btrfs', 'zfs', 'f2fs', ''])("'%s' is left to podman", (type) => {
  expect(claim('database', type)).toBe('fits');
});

testInSandbox('user namespaces are named as the cause only where they are', () => {
  host.stub('df', 'echo Type; echo bcachefs');
  expect(run('no_containers')).toEqual({
    status: 1,
    output:
      "error: storage1: podman cannot run containers for user 'k3s-postgres' with its storage in '/var/no/such' (its reason is above): fix that, on a file system of type 'bcachefs', then apply again\n",
  });
  host.write('/run/none', '0\n');
  expect(run('cat() { command cat /run/none; }; no_containers').output).toContain(
    'error: storage1: user namespaces are off, which rootless podman needs',
  );
});
