import { chownSync } from 'node:fs';
import { userInfo } from 'node:os';
import { parseConfig } from '../../src/config/load';
import { HostSandbox } from '../support/host-sandbox';
import { testInSandbox } from '../support/test-in-sandbox';

const marker = '.k3s-cdk-data';
const volume = 'web-data-pvc-6b2f0a3e-5c0d-4a0e-9d3b-0f4e0c5d7a11';

let host: HostSandbox;
beforeEach(() => {
  host = new HostSandbox();
  // Sandboxes may lie in memory.
  host.stub('findmnt', 'echo ext4');
});
afterEach(() => host.remove());

/** Runs a command with the functions of the library, on a host called storage1. */
const run = (command: string) =>
  host.run({
    'run.sh': `set -euo pipefail\nHOST=storage1\nhere=\${BASH_SOURCE[0]%/*}\n. "$here/lib.sh"\n. "$here/lib-folders.sh"\n${command}\n`,
  });
const claim = (kind: 'database' | 'volumes', adopt = '') => run(`claim_folder /var/data ${kind} ${adopt}`);

testInSandbox.each(['database', 'volumes'] as const)(
  'a folder for the %s that is missing or empty is the cluster’s from then on, whatever comes into it',
  (kind) => {
    expect(claim(kind)).toEqual({ status: 0, output: '' });
    expect(host.read(`/var/data/${marker}`)).toContain("'k3s-cdk destroy --purge' deletes its data here");
    host.write('/var/data/of-the-cluster', '');
    expect(claim(kind)).toEqual({ status: 0, output: '' });
    host.write('/var/data/lost+found/x', '');
    run(`rm /var/data/${marker} /var/data/of-the-cluster`);
    expect(claim(kind)).toEqual({ status: 0, output: '' });
    expect(host.has(`/var/data/${marker}`)).toBe(true);
  },
);

testInSandbox.each([
  [
    'database',
    "use a folder of its own; if all of it comes from a cluster of k3s-cdk, run 'sudo touch /var/data/.k3s-cdk-data' on the host",
  ],
  [
    'volumes',
    "use a folder of its own, or set 'nfs.adopt: true', with which nodes can read and change them and none is ever deleted; if all of it",
  ],
] as const)(
  'a folder for the %s with files of somebody else is refused, and nothing is changed',
  (kind, remedy) => {
    for (const name of ['.bashrc', 'films', 'letters\u001b[2J', 'photos', 'z'])
      host.write(`/var/data/${name}`, '');
    const { status, output } = claim(kind);
    expect(status).toBe(1);
    expect(output).toContain(
      "error: storage1: '/var/data' has files that are not the cluster's (.bashrc, films, letters?[2J and 2 more): ",
    );
    expect(output).toContain(remedy);
    expect(host.has(`/var/data/${marker}`)).toBe(false);
    // As it says itself.
    run(`touch /var/data/${marker}`);
    expect(claim(kind)).toEqual({ status: 0, output: '' });
  },
);

testInSandbox("volumes may lie among their owner's files when he says so, and stay his", () => {
  host.write('/var/data/films', '');
  expect(claim('volumes', 'true')).toEqual({ status: 0, output: '' });
  expect(host.has(`/var/data/${marker}`)).toBe(false);
  run('rm -r /var/data');
  expect(claim('volumes', 'true')).toEqual({ status: 0, output: '' });
  expect(host.has('/var/data')).toBe(true);
  expect(host.has(`/var/data/${marker}`)).toBe(false);
});

testInSandbox.each([
  ['that is a link', (at: string) => run(`ln -s /etc/passwd ${at}`)],
  ['that is a folder', (at: string) => run(`mkdir ${at}`)],
  // Root of the sandbox is the user of this test, who may not be able to give a file away.
  [
    'of another user',
    (at: string) => (userInfo().uid === 0 ? chownSync(host.path(at), 1, 1) : run(`rm ${at}`)),
  ],
])('a marker %s is none', (name, make) => {
  host.write('/var/data/films', '');
  if (name === 'of another user') host.write(`/var/data/${marker}`, '');
  make(`/var/data/${marker}`);
  expect(claim('database').output).toContain("has files that are not the cluster's");
  expect(host.read('/etc/passwd')).toMatch(/^root:/);
});

describe('folders of clusters from before there were markers', () => {
  testInSandbox('is known by what the database’s step has put there', () => {
    for (const path of [
      'data/PG_VERSION',
      'data.postgres-16/PG_VERSION',
      'config/pg_hba.conf',
      'home/.config/x',
    ])
      host.write(`/var/data/${path}`, '');
    expect(claim('database')).toEqual({ status: 0, output: '' });
    expect(host.has(`/var/data/${marker}`)).toBe(true);
  });

  testInSandbox('is known by the names of volumes', () => {
    for (const name of [volume, `archived-${volume}`, volume.replace('web-data-', '')])
      host.write(`/var/data/${name}/x`, '');
    // Backups may be there for whom they are encrypted.
    host.write(`/var/data/backups/k3s/${marker}`, '');
    expect(claim('volumes')).toEqual({ status: 0, output: '' });
    expect(host.has(`/var/data/${marker}`)).toBe(true);
  });

  testInSandbox('goes on with files of somebody else in it, which are not deleted then', () => {
    host.write('/var/data/films', '');
    host.write('/etc/exports.d/k3s-cdk.exports', '"/var/data" \\\n  10.0.0.11(rw)\n');
    expect(claim('volumes')).toEqual({
      status: 0,
      output: expect.stringMatching(
        /^warning: storage1: '\/var\/data' has files that .*: nodes can read and change them/,
      ),
    });
    expect(host.has(`/var/data/${marker}`)).toBe(false);
    expect(claim('database').status).toBe(1);
    host.write(
      '/usr/local/lib/k3s-cdk/uninstall.d/40-database',
      'readonly folder=/var/data user=k3s-postgres\n',
    );
    expect(claim('database')).toEqual({ status: 0, output: '' });
  });

  testInSandbox('is no other Postgres', () => {
    host.write('/var/data/data/PG_VERSION', '17');
    expect(claim('database').output).toContain('(data): use a folder of its own');
  });
});

/** Every other path is for data. */
const paths: readonly (readonly [path: string, isForData: boolean])[] = [
  ...['/', '/home', '/srv', '/mnt', '/media', '/opt', '/var', '/var/lib', '/var/log', '/tmp/x', '/run/x'].map(
    (path) => [path, false] as const,
  ),
  ...['/etc/x', '/root/x', '/usr/x', '/boot/x', '/dev/x', '/proc/x', '/sys/x', '/bin/x', '/lib64/x'].map(
    (path) => [path, false] as const,
  ),
  ...['rancher', 'kubelet', 'cni', 'k3s-cdk', 'k3s-etcd'].flatMap((name) => [
    [`/var/lib/${name}`, false] as const,
    [`/var/lib/${name}/x`, false] as const,
    [`/var/lib/${name}x`, true] as const,
  ]),
  ...['run', 'lock', 'tmp', 'cache'].map((name) => [`/var/${name}/x`, false] as const),
  ...['/home/pi/.k3s-cdk', '/home/pi/.k3s-cdk/x', '/srv/a/b/.k3s-cdk/x'].map(
    (path) => [path, false] as const,
  ),
  ...['/srv/x', '/home/pi', '/mnt/ssd', '/var/www', '/var/log/x', '/data', '/srv/.k3s-cdk-x', '/tmpx'].map(
    (path) => [path, true] as const,
  ),
];

test.each(paths)('cluster.yaml and the hosts agree whether %s is for data', (path, isForData) => {
  const text = `name: lab
ssh: { user: pi }
hosts: [{ name: server1, address: 10.0.0.11, roles: [database, server] }]
k3s: { version: v1.36.2+k3s1 }
database: { dataDir: ${path} }
`;
  const codes = parseConfig(text, 'x.yaml').issues.map(({ code }) => code);
  expect(codes.filter((code) => /directories$/.test(code ?? '')).length === 0).toBe(isForData);
});

testInSandbox('what a link leads to is looked at like a path of cluster.yaml', () => {
  const checks = paths.map(([path]) => `is_place_for_data ${path} && echo '${path}'`).join('\n');
  const { output } = run(`${checks}\ntrue`);
  expect(output.trim().split('\n')).toEqual(paths.flatMap(([path, isForData]) => (isForData ? [path] : [])));
  const { output: reported } = run(
    'mkdir -p /var/lib/rancher /var/a; ln -s /var/lib/rancher /var/a/data; check_folder /var/a/data/postgres database',
  );
  expect(reported).toContain(
    "'/var/a/data/postgres' leads to '/var/lib/rancher/postgres', which belongs to the system or is emptied",
  );
});
