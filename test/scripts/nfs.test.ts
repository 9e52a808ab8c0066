import { scratchFolders } from '../support/scratch';
import { ScriptSandbox } from '../support/script-sandbox';
import { testInSandbox } from '../support/test-in-sandbox';

const scratch = scratchFolders();

const dropIn = 'etc/systemd/system/nfs-server.service.d/50-k3s-cdk.conf';
const files = {
  'uninstall-nfs.sh': '',
  'nfs.conf': '[nfsd]\n',
  'k3s-cdk.exports': '',
  'nfs-server.dropin': '[Unit]\n',
};

/** A machine with an NFS server that runs; the exported file system comes after these units. */
function machine(after: string): ScriptSandbox {
  const sandbox = new ScriptSandbox(scratch());
  sandbox.stub('dpkg-query', 'printf installed');
  sandbox.stub('nfsconf', 'echo n');
  sandbox.stub('findmnt', 'echo /');
  // It looks like an option.
  sandbox.stub('systemd-escape', 'echo -.mount');
  sandbox.stub(
    'systemctl',
    `case "$*" in *'-- -.mount') echo 'After=${after}' ;; is-enabled*) echo enabled ;; show*) printf 'LoadState=loaded\\nNeedDaemonReload=yes\\n' ;; esac`,
  );
  for (const name of ['apt-get', 'exportfs']) sandbox.stub(name);
  return sandbox;
}

const nfs = (sandbox: ScriptSandbox, adopt = 'false') =>
  sandbox.run('nfs.sh', {
    ...files,
    'step.env': `EXPORT_PATH=/var/nfs\nADOPT=${adopt}\nAPT_PACKAGES=nfs-kernel-server\nDNF_PACKAGES=nfs-utils\n`,
  });

testInSandbox(
  'a folder with files of somebody else is exported only when it may be, and nothing is done before',
  () => {
    const sandbox = machine('local-fs-pre.target');
    sandbox.write('var/nfs/index.html', '');
    const { status, stderr } = nfs(sandbox);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^error: server1: '\/var\/nfs' has files that are not the cluster's \(index\.html\): .*'nfs\.adopt: true'/,
    );
    expect(sandbox.calls().filter((call) => !call.startsWith('findmnt'))).toEqual(['uname -n']);
    expect(sandbox.has('usr/local/lib/k3s-cdk')).toBe(false);
    expect(nfs(sandbox, 'true')).toMatchObject({ status: 0, stderr: '' });
    expect(sandbox.has('var/nfs/.k3s-cdk-data')).toBe(false);
  },
);

testInSandbox('the server stops after the mounts of this host, and is not restarted for that', () => {
  const sandbox = machine('local-fs-pre.target dev-sda1.device');
  expect(nfs(sandbox)).toMatchObject({ status: 0, stderr: '' });
  sandbox.write(dropIn, 'of an older release');
  expect(nfs(sandbox)).toMatchObject({ status: 0, stderr: '' });
  expect(sandbox.read(dropIn)).toBe('[Unit]\n');
  expect(sandbox.calls()).toContain('systemctl daemon-reload');
  expect(sandbox.calls().filter((call) => call.startsWith('systemctl restart'))).toEqual([]);
});

testInSandbox('a file system that comes over the network itself cannot wait for its server', () => {
  const sandbox = machine('remote-fs-pre.target network-online.target');
  sandbox.write(dropIn, '[Unit]\n');
  expect(nfs(sandbox)).toMatchObject({ status: 0, stderr: '' });
  expect(sandbox.read(dropIn)).toBeUndefined();
});
