import { createHash, createPublicKey } from 'node:crypto';
import { rmSync } from 'node:fs';
import { issueAuthority } from '../../src/pki/issue';
import { newPrivateKey } from '../../src/pki/key';
import { checkScript, type OperatorSecrets } from '../../src/preflight/check-script';
import { HostSandbox } from '../support/host-sandbox';
import { topologyWith } from '../support/hosts-topology';
import { testInSandbox } from '../support/test-in-sandbox';

const topology = topologyWith(`
hosts:
  - name: storage1
    address: 192.168.10.10
    roles: [database]
    disks: [{ device: /dev/disk/by-id/no-such-disk, mount: /srv/postgres, format: if-blank }]
  - { name: server1, address: 192.168.10.11, roles: [server] }
  - { name: server2, address: 192.168.10.12, roles: [server] }
`);

const nothing: OperatorSecrets = { tokens: [], authority: '', externalAuthority: '' };

let host: HostSandbox;
beforeEach(() => {
  host = new HostSandbox();
  host.write('/etc/machine-id', `${'a'.repeat(32)}\n`);
  host.write('/etc/os-release', 'ID=debian\nVERSION_ID=13\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n');
  host.write('/run/systemd/system/x', '');
  host.write('/sys/fs/cgroup/cgroup.controllers', 'cpu memory pids\n');
  host.write('/etc/resolv.conf', 'nameserver 192.168.10.1\n');
  // This machine's own are not what is tried.
  for (const name of ['ip', 'ss', 'sleep', 'modprobe', 'lsblk'])
    host.stub(name, name === 'lsblk' ? 'exit 1' : '');
  host.stub('uname', 'case $1 in -n) echo server1 ;; -m) echo x86_64 ;; *) echo 6.12 ;; esac');
  host.stub('df', 'echo Avail; echo 9999');
  host.stub('apt-get');
  host.stub('podman', 'echo podman version 5.4.2');
  host.stub('findmnt', 'echo ext4');
});
afterEach(() => host.remove());

/** What the checks of a host say, but for what depends on the machine that runs this test. */
function problems(name: string, secrets: Partial<OperatorSecrets> = {}): string[] {
  const checked = topology.hosts.find((other) => other.name === name);
  if (!checked) throw new Error(`no host ${name}`);
  const { output } = host.run({ 'run.sh': checkScript(topology, checked, { ...nothing, ...secrets }) });
  expect(output).toMatch(/^end$/m);
  return output
    .split('\n')
    .filter((line) => line.startsWith('problem\t') && !/memory cgroup|user namespaces/.test(line))
    .map((line) => line.split('\t').slice(1).join(': '));
}

testInSandbox('a machine that fits has no problem', () => {
  expect(problems('server1')).toEqual([]);
});

testInSandbox('all that is wrong with a machine is reported at once', () => {
  host.stub('df', 'echo Avail; echo 100');
  host.stub('ss', `[[ $* == *7443* ]] && echo 'LISTEN 0 128 *:7443 *:* users:(("nginx",pid=1,fd=5))'; true`);
  host.stub('uname', 'case $1 in -n) echo raspberrypi ;; -m) echo armv7l ;; *) echo 6.12 ;; esac');
  expect(problems('server1')).toEqual([
    expect.stringMatching(/^error: architecture 'armv7l' is not supported/),
    expect.stringMatching(/^warning: the machine calls itself 'raspberrypi'/),
    expect.stringMatching(/^error: only 100 MB are free in '\/'/),
    expect.stringMatching(/^error: only 100 MB are free in '\/var'/),
    expect.stringMatching(/^error: port 7443 is in use by 'nginx'/),
  ]);
});

testInSandbox('a database host is asked for its disks and its podman', () => {
  host.stub('uname', 'case $1 in -n) echo storage1 ;; -m) echo x86_64 ;; *) echo 6.12 ;; esac');
  host.stub('podman', 'echo podman version 4.3.1');
  expect(problems('storage1')).toEqual([
    expect.stringMatching(/^error: podman 4.3.1 cannot run containers from systemd units/),
    expect.stringMatching(/^error: disk '\/dev\/disk\/by-id\/no-such-disk' was not found/),
  ]);
});

testInSandbox('a blank disk that may be formatted is described, another one is a problem', () => {
  const [storage] = topologyWith(`
hosts:
  - name: storage1
    address: 192.168.10.10
    roles: [database]
    disks: [{ device: /run/disk, mount: /srv/postgres, format: if-blank }]
  - { name: server1, address: 192.168.10.11, roles: [server] }
`).hosts;
  const answer = () => host.run({ 'run.sh': checkScript(topology, storage as never, nothing) }).output;
  host.stub('blockdev', 'stat -c %s "$2"');
  host.stub('blkid', 'exit 2');
  host.stub('wipefs');
  host.stub('findmnt', 'exit 1');
  host.stub(
    'lsblk',
    `case $* in *MODEL*) printf '\\n Samsung SSD  \\n' ;; *SERIAL*) echo S5Y1 ;; *SIZE*) echo 931.5G ;; *) echo x ;; esac`,
  );
  host.write('/run/disk', Buffer.alloc(100_000));
  expect(answer()).toMatch(/^blank-disk\t\/run\/disk\t\/srv\/postgres\text4\tSamsung SSD\tS5Y1\t931\.5G$/m);
  host.write('/run/disk', Buffer.concat([Buffer.alloc(90_000), Buffer.from('x')]));
  expect(answer()).toMatch(
    /^problem\terror\t'\/run\/disk' is not blank, so it is not formatted: at byte 0 /m,
  );
  expect(answer()).not.toMatch(/^blank-disk/m);
});

testInSandbox('a server that runs with a token which the operator does not have is not touched', () => {
  host.write('/etc/rancher/k3s/token', 'K10abc::server:the-token\n');
  const [present, other] = ['the-token', 'other'].map((token) =>
    createHash('sha256').update(token).digest('hex').slice(0, 12),
  ) as [string, string];
  expect(problems('server1', { tokens: [other, present] })).toEqual([]);
  expect(problems('server1', { tokens: [other] })).toEqual([
    "error: this server runs with another token than 'secrets/k3s-token': restore 'secrets/' from your copy, or fetch it with 'k3s-cdk init --from-hosts'; to change the token, run 'k3s-cdk init --rotate servers'",
  ]);
});

testInSandbox('folders for data are looked at, but not below a disk that is not mounted yet', () => {
  const of = (disks: string, nfs: string) =>
    topologyWith(`
hosts:
  - { name: storage1, address: 192.168.10.10, roles: [database, nfs], disks: ${disks} }
  - { name: server1, address: 192.168.10.11, roles: [server] }
database: { dataDir: /var/pg }
nfs: ${nfs}
`);
  const reported = (disks: string, nfs: string) => {
    const other = of(disks, nfs);
    const { output } = host.run({ 'run.sh': checkScript(other, other.hosts[0] as never, nothing) });
    return output.split('\n').filter((line) => /not the cluster's/.test(line));
  };
  host.write('/var/pg/films', '');
  host.write('/var/www/index.html', '');
  const problem = (folder: string) => expect.stringMatching(`^problem\terror\t'${folder}' has files`);
  expect(reported('[]', '{ path: /var/www }')).toEqual([problem('/var/pg'), problem('/var/www')]);
  expect(reported('[]', '{ path: /var/www, adopt: true }')).toEqual([problem('/var/pg')]);
  host.stub('findmnt', 'exit 1');
  const disk = '[{ device: /dev/disk/by-id/x, mount: /var/pg }]';
  expect(reported(disk, '{ path: /var/www }')).toEqual([problem('/var/www')]);
});

testInSandbox('that another CA of the database would come to a server is said before', async () => {
  const [own, other] = [newPrivateKey(), newPrivateKey()];
  host.write('/etc/rancher/k3s/datastore/ca.crt', await issueAuthority('homelab', own, new Date()));
  const hashOf = (key: string) =>
    createHash('sha256')
      .update(createPublicKey(key).export({ type: 'spki', format: 'der' }))
      .digest('hex');
  expect(problems('server1', { authority: hashOf(own) })).toEqual([]);
  expect(problems('server1', { authority: hashOf(other) })).toEqual([
    expect.stringMatching(/^warning: this server runs with another CA of the database/),
  ]);
});

testInSandbox('a server says who has the virtual IP', () => {
  const [, server] = topology.hosts;
  const answer = () => host.run({ 'run.sh': checkScript(topology, server as never, nothing) }).output;
  host.stub('ip', '[[ $1 != neighbour ]] || echo "192.168.10.5 dev eth0 lladdr 02:00:00:00:00:99 REACHABLE"');
  expect(answer()).toMatch(/^virtual-ip\ttaken\t02:00:00:00:00:99$/m);
  host.stub('ip', '[[ $1 != neighbour ]] || echo "192.168.10.5 dev eth0 FAILED"');
  expect(answer()).toMatch(/^virtual-ip\tfree$/m);
  host.stub('ip', 'echo "2: eth0 inet 192.168.10.5/32"');
  expect(answer()).toMatch(/^virtual-ip\there$/m);
});

testInSandbox('folders on file systems that cannot hold the data of a role are reported', () => {
  const other = topologyWith(`
hosts:
  - { name: storage1, address: 192.168.10.10, roles: [database, nfs] }
  - { name: server1, address: 192.168.10.11, roles: [server] }
  - { name: server2, address: 192.168.10.12, roles: [server] }
`);
  host.stub('findmnt', 'echo exfat');
  const { output } = host.run({ 'run.sh': checkScript(other, other.hosts[0] as never, nothing) });
  expect(output.match(/'\/srv\/\w+' is on .*?'\w+'/g)).toEqual([
    "'/srv/postgres' is on a file system of type 'exfat'",
    "'/srv/nfs' is on a file system of type 'exfat'",
  ]);
});

testInSandbox('name servers that pods cannot reach are reported, as k3s judges them', () => {
  const warning = (named: string) => [
    `warning: no name server of this host can be reached from pods (${named} in /etc/resolv.conf): k3s gives them 8.8.8.8; give the host one of its network, or set 'resolv-conf' in 'k3s.config'`,
  ];
  host.write('/etc/resolv.conf', 'nameserver 192.168.10.1\nnameserver fe80::1%eth0\n');
  expect(problems('server1')).toEqual(warning('fe80::1%eth0'));
  host.write('/etc/resolv.conf', 'search lan\n');
  expect(problems('server1')).toEqual(warning('none is named'));
  host.write('/etc/resolv.conf', 'nameserver 127.0.0.53\n');
  expect(problems('server1')).toEqual(warning('127.0.0.53'));
  host.write('/run/systemd/resolve/resolv.conf', 'nameserver 192.168.10.1\n');
  expect(problems('server1')).toEqual([]);
});

testInSandbox('control groups of version 1 are an error, with how to switch', () => {
  rmSync(host.path('/sys/fs/cgroup/cgroup.controllers'));
  for (const name of ['server1', 'storage1'])
    expect(problems(name)).toContainEqual(
      expect.stringMatching(
        /^error: control groups are of version 1 here.*systemd.unified_cgroup_hierarchy=1/,
      ),
    );
});

testInSandbox('a kernel without a module that no package brings is an error before the first apply', () => {
  for (const name of ['modprobe', 'ip']) host.stub(name, '[[ $* != *vxlan* ]]');
  host.stub('apt-cache', 'exit 1');
  expect(problems('server1')).toEqual([
    expect.stringMatching(/^error: the modules of the running kernel 6.12 are gone/),
  ]);
  host.stub('apt-cache', '[[ $* == *linux-modules-extra-6.12* ]]');
  expect(problems('server1')).toEqual([]);
});
