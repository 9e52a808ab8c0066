import script from '../../src/recovery/scripts/purge-data.sh';
import { HostSandbox } from '../support/host-sandbox';
import { testInSandbox } from '../support/test-in-sandbox';

let host: HostSandbox;
beforeEach(() => {
  host = new HostSandbox();
  host.stub('getent', 'exit 2');
  host.stub('systemd-escape', 'echo srv-x.mount');
  host.stub('systemctl');
});
afterEach(() => host.remove());

const purge = (inputs: Record<string, string>) => {
  const all = {
    CLUSTER: 'lab',
    SERVICE_USER: 'k3s-postgres',
    DATA_DIR: '',
    BACKUP_DIR: '',
    EXPORT_PATH: '',
    MOUNTS: '',
    ...inputs,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}='${value}'\n`);
  return host.run({ 'run.sh': lines.join('') + script });
};

testInSandbox('what the cluster has stored is deleted, what others have put beside it stays', () => {
  for (const path of [
    'data/PG_VERSION',
    'cluster/data/PG_VERSION',
    'data.postgres-15/PG_VERSION',
    'config/ca.crt',
    'home/.local/x',
    'other/file',
  ])
    host.write(`/var/pg/${path}`, 'x');
  for (const path of [
    'lab-20261123T033000Z.tar',
    'lab-20261123T033000Z.tar.cms',
    'prod-20261123T033000Z.tar',
  ])
    host.write(`/var/backups/${path}`, 'x');
  for (const path of ['pvc-1/a', 'lost+found/b']) host.write(`/var/nfs/${path}`, 'x');
  const { status, output } = purge({
    DATA_DIR: '/var/pg',
    BACKUP_DIR: '/var/backups',
    EXPORT_PATH: '/var/nfs',
  });
  expect({ status, output }).toEqual({
    status: 0,
    output:
      'the database in /var/pg is deleted\nthe backups in /var/backups are deleted\nthe volumes in /var/nfs are deleted\n',
  });
  const left = (folder: string) => host.run({ 'run.sh': `cd ${folder} && find . -type f | sort` }).output;
  expect(left('/var/pg')).toBe('./other/file\n');
  expect(left('/var/backups')).toBe('./prod-20261123T033000Z.tar\n');
  expect(left('/var/nfs')).toBe('./lost+found/b\n');
});

testInSandbox('nothing is deleted on a host that could not leave the cluster', () => {
  host.write('/usr/local/lib/k3s-cdk/uninstall.d/50-k3s', '');
  host.write('/var/pg/data/PG_VERSION', '17');
  const { status, output } = purge({ DATA_DIR: '/var/pg' });
  expect(status).toBe(1);
  expect(output).toContain('still part of the cluster');
  expect(host.has('/var/pg/data/PG_VERSION')).toBe(true);
});

testInSandbox('only disks that were mounted by us are unmounted', () => {
  host.write('/etc/systemd/system/srv-x.mount', '[Unit]\nDescription=Somebody else\n');
  expect(purge({ MOUNTS: '/srv/x' }).status).toBe(0);
  expect(host.has('/etc/systemd/system/srv-x.mount')).toBe(true);
  host.write('/etc/systemd/system/srv-x.mount', '[Unit]\nDescription=Disk of /srv/x\n');
  expect(purge({ MOUNTS: '/srv/x' }).output).toContain('the disk at /srv/x is unmounted');
  expect(host.has('/etc/systemd/system/srv-x.mount')).toBe(false);
});
