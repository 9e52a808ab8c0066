import { purgeScript } from '../../src/recovery/purge';
import { roles } from '../../src/roles/roles';
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

const inputOf = {
  database: 'DATA_DIR',
  backup: 'BACKUP_DIR',
  nfs: 'EXPORT_PATH',
  disks: 'MOUNTS',
};

/** Of the roles that inputs are for. */
const purge = (inputs: Record<string, string>, before = '') => {
  const data = Object.entries(inputOf).flatMap(([name, input]) =>
    input in inputs ? (roles.find((role) => role.name === name)?.data ?? []) : [],
  );
  const script = purgeScript({ CLUSTER: 'lab', SERVICE_USER: 'k3s-postgres', ...inputs }, data);
  return host.run({ 'run.sh': `${before}${script}` });
};

testInSandbox('what the cluster has stored is deleted, what others have put beside it stays', () => {
  for (const path of [
    'data/PG_VERSION',
    'cluster/data/PG_VERSION',
    'data.postgres-15/PG_VERSION',
    'config/ca.crt',
    'home/.local/x',
    'other/file',
    '.k3s-cdk-data',
  ])
    host.write(`/var/pg/${path}`, 'x');
  for (const path of [
    'lab-20261123T033000Z.tar',
    'lab-20261123T033000Z.tar.cms',
    'prod-20261123T033000Z.tar',
  ])
    host.write(`/var/backups/${path}`, 'x');
  for (const path of ['pvc-1/a', 'lost+found/b', '.k3s-cdk-data']) host.write(`/var/nfs/${path}`, 'x');
  const { status, output } = purge({
    DATA_DIR: '/var/pg',
    BACKUP_DIR: '/var/backups',
    EXPORT_PATH: '/var/nfs',
  });
  expect({ status, output }).toEqual({
    status: 0,
    output:
      'the database in /var/pg is deleted\nleft: /var/pg with what does not belong to the cluster (other)\n' +
      'the backups in /var/backups are deleted\nleft: /var/backups with what does not belong to the cluster (prod-20261123T033000Z.tar)\n' +
      'the volumes in /var/nfs are deleted\n',
  });
  const left = (folder: string) => host.run({ 'run.sh': `cd ${folder} && find . -type f | sort` }).output;
  expect(left('/var/pg')).toBe('./.k3s-cdk-data\n./other/file\n');
  expect(left('/var/backups')).toBe('./prod-20261123T033000Z.tar\n');
  expect(left('/var/nfs')).toBe('./lost+found/b\n');
});

testInSandbox('folders that were made for the cluster go when they are empty, others stay', () => {
  for (const path of ['pg/data/x', 'pg/.k3s-cdk-data', 'nfs/a', 'nfs/.k3s-cdk-data', 'backups/.k3s-cdk-data'])
    host.write(`/var/${path}`, '');
  const inputs = { DATA_DIR: '/var/pg', BACKUP_DIR: '/var/backups', EXPORT_PATH: '/var/nfs' };
  expect(purge(inputs).status).toBe(0);
  for (const name of ['pg', 'nfs', 'backups']) expect(host.has(`/var/${name}`)).toBe(false);
  for (const name of ['pg', 'nfs', 'backups']) host.write(`/var/${name}/x`, '');
  host.run({ 'run.sh': 'rm /var/{pg,nfs,backups}/x' });
  expect(purge(inputs).status).toBe(0);
  for (const name of ['pg', 'nfs', 'backups']) expect(host.has(`/var/${name}`)).toBe(true);
});

testInSandbox('what was not made for a cluster is listed and left as it is', () => {
  host.write('/var/pg/data/PG_VERSION', '17');
  host.write('/var/www/index.html', '');
  const { status, output } = purge({ DATA_DIR: '/var/pg', EXPORT_PATH: '/var/www' });
  expect({ status, output }).toEqual({
    status: 0,
    output:
      'left: /var/pg, which was not made for a cluster (data)\nleft: /var/www, which was not made for a cluster (index.html)\n',
  });
  expect([host.has('/var/pg/data/PG_VERSION'), host.has('/var/www/index.html')]).toEqual([true, true]);
});

testInSandbox('what a cluster has stored before folders had a marker is deleted', () => {
  host.write('/var/pg/data/PG_VERSION', '17');
  host.write('/var/pg/config/pg_hba.conf', '');
  host.write('/var/nfs/web-pvc-6b2f0a3e-5c0d-4a0e-9d3b-0f4e0c5d7a11/x', '');
  expect(purge({ DATA_DIR: '/var/pg', EXPORT_PATH: '/var/nfs' }).output).toBe(
    'the database in /var/pg is deleted\nthe volumes in /var/nfs are deleted\n',
  );
  expect([host.has('/var/pg'), host.has('/var/nfs')]).toEqual([false, false]);
});

testInSandbox('nothing is deleted through a mount', () => {
  host.write('/var/films/x', '');
  host.write('/var/nfs/.k3s-cdk-data', '');
  const mount = 'mkdir -p /var/nfs/films; mount --bind /var/films /var/nfs/films\n';
  const { status, output } = purge({ EXPORT_PATH: '/var/nfs' }, mount);
  expect(status).toBe(1);
  expect(output).toContain("something is mounted at '/var/nfs/films', so '/var/nfs' is not removed");
  expect(host.has('/var/films/x')).toBe(true);
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
