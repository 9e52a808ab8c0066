import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { issueAuthority } from '../../src/pki/issue';
import { newPrivateKey } from '../../src/pki/key';
import { firewallFiles } from '../../src/roles/firewall/firewall.step';
import { apiCaFile, haproxyConfig } from '../../src/roles/load-balancer/files/haproxy-config';
import { checkScript, keepalivedConfig } from '../../src/roles/load-balancer/files/keepalived-config';
import { topologyWith } from '../support/hosts-topology';
import { keepalivedTakes } from '../support/keepalived-takes';
import { scratchFolders } from '../support/scratch';
import { cached, contentKey } from './cache';
import { command } from './command';
import { debianMirror } from './debian/package-repository';

// Programs of releases that hosts may still have, unpacked from their packages, read the files that steps place.

jest.setTimeout(300_000);

const scratch = scratchFolders();
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** The programs of an older Debian, nothing of which runs as a service. What is placed lies over them. */
class OldDebian {
  private readonly own = scratch();

  private constructor(private readonly system: string) {
    for (const folder of ['upper', 'work', 'root']) mkdirSync(join(this.own, folder));
  }

  static async of(suite: string): Promise<OldDebian> {
    const key = contentKey([__filename], process.arch);
    const made = await cached(`old-${suite}-${key}`, async (path) => {
      const include = '--include=haproxy,keepalived,firewalld,nftables,iptables,bash,coreutils,sed';
      const source = `deb [signed-by=${keyring}] ${await debianMirror()} ${suite} main`;
      const options = ['--mode=root', '--variant=extract', include];
      await command('mmdebstrap', [...options, suite, path, source], { timeout: 280_000 });
    });
    return new OldDebian(made);
  }

  place(path: string, text: string, mode = 0o644): void {
    const file = join(this.own, 'upper', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode });
  }

  /** Runs bash in it, in a network of its own that has an interface to name. */
  run(script: string): { status: number | null; output: string } {
    const root = join(this.own, 'root');
    const around = `
      ip link set lo up; ip link add eth0 type veth peer name eth1
      ip address add 192.168.10.11/24 dev eth0; ip address add fd00::11/64 dev eth0 nodad
      ip link set eth0 up; ip link set eth1 up
      mount -t overlay overlay -o lowerdir=${this.system},upperdir=${this.own}/upper,workdir=${this.own}/work ${root}
      mkdir -p ${root}/proc ${root}/dev ${root}/tmp ${root}/run/haproxy
      mount -t proc proc ${root}/proc; mount --rbind /dev ${root}/dev
      exec chroot ${root} /bin/bash -c "$1"`;
    const { status, stdout, stderr } = spawnSync(
      'unshare',
      ['--net', '--mount', 'bash', '-euc', around, 'bash', `PATH=/usr/sbin:/usr/bin:/sbin:/bin\n${script}`],
      // Its input is no socket: bash would take that for a login over rsh, and read what Debian has for those.
      { encoding: 'utf8', timeout: 60_000, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    return { status, output: `${stdout}${stderr}` };
  }
}

const dualStack = `
api: { address: "fd00::5" }
hosts:
  - { name: server1, address: 192.168.10.11, nodeIps: [192.168.10.11, "fd00::11"], roles: [database, server] }
  - { name: server2, address: 192.168.10.12, nodeIps: [192.168.10.12, "fd00::12"], roles: [server] }
`;
const topologies = ['', dualStack].map((yaml) => topologyWith(yaml));

describe.each([
  ['bullseye', { haproxy: '2.2.9', keepalived: '2.1.5', firewalld: '0.9.3' }],
  ['bookworm', { haproxy: '2.6.12', keepalived: '2.2.7', firewalld: '1.3.3' }],
] as const)('programs of Debian %s', (suite, versions) => {
  let old: OldDebian;
  beforeAll(async () => {
    old = await OldDebian.of(suite);
    const users = ['haproxy', 'keepalived_script'];
    old.place(
      'etc/passwd',
      [
        'root:x:0:0::/root:/bin/bash',
        ...users.map((name, index) => `${name}:x:${index + 98}:${index + 98}::/:/bin/false`),
        '',
      ].join('\n'),
    );
    old.place(
      'etc/group',
      ['root:x:0:', ...users.map((name, index) => `${name}:x:${index + 98}:`), ''].join('\n'),
    );
  });

  test('are of the versions that the pages name', () => {
    const ask = 'haproxy -v; keepalived --version 2>&1; firewall-offline-cmd --version';
    const { output } = old.run(ask);
    for (const version of Object.values(versions)) expect(output).toContain(version);
  });

  test('haproxy takes the configuration, for IPv4 and IPv6', async () => {
    old.place(apiCaFile, await issueAuthority('k3s', newPrivateKey(), new Date()));
    for (const { api, servers } of topologies) {
      if (!api.loadBalancer) throw new Error('the cluster has no load balancer');
      old.place('tmp/haproxy.cfg', haproxyConfig(api.loadBalancer, servers));
      expect(old.run('/usr/sbin/haproxy -c -q -f /tmp/haproxy.cfg')).toEqual({ status: 0, output: '' });
    }
  });

  test('keepalived takes the configuration, as the step asks it', () => {
    old.place(checkScript, readFileSync('src/roles/load-balancer/load-balancer-check.sh', 'utf8'), 0o755);
    for (const { api, servers } of topologies) {
      const [server] = servers;
      if (!api.loadBalancer || !server) throw new Error('the cluster has no load balancer');
      old.place('tmp/keepalived.conf', keepalivedConfig(api.loadBalancer, servers, server));
      const asked = `set -euo pipefail; here=/tmp\n${keepalivedTakes}\nkeepalived_takes eth0 1 /tmp/candidate.conf`;
      expect(old.run(asked)).toEqual({ status: 0, output: '' });
    }
  });

  test('firewalld takes the policy, the zone and the sets', () => {
    const [topology] = topologies;
    if (!topology) throw new Error('there is no cluster');
    for (const host of topology.hosts) {
      for (const [name, text] of Object.entries(firewallFiles(topology)(host)))
        if (name.startsWith('firewalld.'))
          old.place(`etc/firewalld/${name.slice(10).replace('.', '/')}`, text);
      expect(old.run('firewall-offline-cmd --check-config')).toEqual({
        status: 0,
        output: expect.stringMatching(/^(success)?\n?$/),
      });
    }
  });

  test('nft takes the table that keeps pods away', () => {
    const [topology] = topologies;
    for (const host of topology?.nodes ?? []) {
      const { 'pods.nft': table } = firewallFiles(topology as never)(host) as Record<string, string>;
      old.place('tmp/pods.nft', table ?? '');
      expect(old.run('/usr/sbin/nft --check --file /tmp/pods.nft')).toEqual({ status: 0, output: '' });
    }
  });
});
