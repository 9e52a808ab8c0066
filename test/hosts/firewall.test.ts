import { spawnSync } from 'node:child_process';
import type { Role } from '../../src/config/config';
import { firewalldFiles } from '../../src/hosts/files/firewalld';
import { nftablesRules } from '../../src/hosts/files/nftables-rules';
import { ufwRules } from '../../src/hosts/files/ufw-rules';
import { firewallRules } from '../../src/hosts/firewall-rules';
import { answers, testWhen } from '../support/needs';
import { Project } from '../support/project';

const topology = new Project(`
name: lab
ssh: { user: pi }
hosts:
  - { name: storage1, address: 10.0.0.10, roles: [database, nfs] }
  - { name: server1, address: 10.0.0.11, nodeIps: [10.0.0.11, "fd00::11"], roles: [server] }
  - { name: server2, address: 10.0.0.12, nodeIps: [10.0.0.12, "fd00::12"], roles: [server] }
  - { name: agent1, address: 10.0.0.21, nodeIps: [10.0.0.21, "fd00::21"], roles: [agent] }
network: { pods: [10.42.0.0/16, "fd42::/56"], services: [10.43.0.0/16, "fd43::/112"] }
api: { address: 10.0.0.5 }
k3s: { version: v1.36.2+k3s1 }
metallb: { pools: [{ name: lan, addresses: [10.0.0.200-10.0.0.210] }] }
`).topology();

const short = (...roles: Role[]) =>
  firewallRules({ roles }, topology).map(({ protocol, ports, from }) => [protocol, ...ports, from].join(' '));

test('a host lets in what its roles need, from those who need it', () => {
  expect(short('database')).toEqual(['tcp 5432 servers']);
  expect(short('nfs')).toEqual(['tcp 2049 nodes']);
  expect(short('agent')).toEqual(['udp 8472 nodes', 'tcp 10250 nodes', 'tcp 7946 nodes', 'udp 7946 nodes']);
  expect(short('server')).toEqual(['tcp 6443 anyone', 'tcp 7443 nodes', 'vrrp servers', ...short('agent')]);
});

test('wireguard has other ports than vxlan', () => {
  const servers = topology.servers.map((host) => ({
    ...host,
    k3sConfig: { ...host.k3sConfig, 'flannel-backend': 'wireguard-native' },
  }));
  expect(firewallRules({ roles: ['agent'] }, { ...topology, servers })[0]).toMatchObject({
    ports: [51820, 51821],
  });
});

test('no rule mentions SSH, which is the owner’s', () => {
  const all = firewallRules({ roles: ['database', 'nfs', 'server', 'agent'] }, topology);
  expect(all.flatMap(({ ports }) => ports)).not.toContain(22);
});

const storage = firewallRules({ roles: ['database', 'nfs'] }, topology);

test('firewalld gets a policy of our own, with sets of addresses by family', () => {
  const files = firewalldFiles(storage, topology);
  expect(Object.keys(files).sort()).toEqual([
    'ipsets.k3s-cdk-nodes4.xml',
    'ipsets.k3s-cdk-nodes6.xml',
    'ipsets.k3s-cdk-servers4.xml',
    'ipsets.k3s-cdk-servers6.xml',
    'policies.k3s-cdk.xml',
    'zones.k3s-cdk-pods.xml',
  ]);
  expect(files['policies.k3s-cdk.xml']).toMatchInlineSnapshot(`
"<?xml version="1.0" encoding="utf-8"?>
<policy priority="-100" target="CONTINUE">
  <short>k3s-cdk</short>
  <ingress-zone name="ANY"/>
  <egress-zone name="HOST"/>
  <rule family="ipv4"><source ipset="k3s-cdk-servers4"/><port port="5432" protocol="tcp"/><accept/></rule>
  <rule family="ipv6"><source ipset="k3s-cdk-servers6"/><port port="5432" protocol="tcp"/><accept/></rule>
  <rule family="ipv4"><source ipset="k3s-cdk-nodes4"/><port port="2049" protocol="tcp"/><accept/></rule>
  <rule family="ipv6"><source ipset="k3s-cdk-nodes6"/><port port="2049" protocol="tcp"/><accept/></rule>
</policy>
"
`);
  expect(files['ipsets.k3s-cdk-servers6.xml']).toMatchInlineSnapshot(`
"<?xml version="1.0" encoding="utf-8"?>
<ipset type="hash:ip">
  <option name="family" value="inet6"/>
  <entry>fd00::11</entry>
  <entry>fd00::12</entry>
</ipset>
"
`);
});

test('ufw gets a section that is found again by its marks', () => {
  expect(ufwRules(storage, topology, 6)).toMatchInlineSnapshot(`
"# BEGIN k3s-cdk
*filter
-A ufw6-before-input -s fd00::11 -p tcp -m multiport --dports 5432 -j ACCEPT
-A ufw6-before-input -s fd00::12 -p tcp -m multiport --dports 5432 -j ACCEPT
-A ufw6-before-input -s fd00::11 -p tcp -m multiport --dports 2049 -j ACCEPT
-A ufw6-before-input -s fd00::12 -p tcp -m multiport --dports 2049 -j ACCEPT
-A ufw6-before-input -s fd00::21 -p tcp -m multiport --dports 2049 -j ACCEPT
-A ufw6-before-input -s fd42::/56 -j ACCEPT
-A ufw6-before-input -s fd43::/112 -j ACCEPT
-A ufw6-before-forward -s fd42::/56 -j ACCEPT
-A ufw6-before-forward -d fd42::/56 -j ACCEPT
-A ufw6-before-forward -s fd43::/112 -j ACCEPT
-A ufw6-before-forward -d fd43::/112 -j ACCEPT
COMMIT
# END k3s-cdk
"
`);
});

const server = firewallRules({ roles: ['server'] }, topology);

test('nftables rules name the tables they fit into', () => {
  expect(nftablesRules(storage, topology)).toMatchInlineSnapshot(`
"input ip,inet ip saddr { 10.0.0.11, 10.0.0.12 } tcp dport { 5432 } accept
input ip,inet ip saddr { 10.0.0.11, 10.0.0.12, 10.0.0.21 } tcp dport { 2049 } accept
input ip,inet ip saddr 10.42.0.0/16 accept
forward ip,inet ip saddr 10.42.0.0/16 accept
forward ip,inet ip daddr 10.42.0.0/16 accept
input ip,inet ip saddr 10.43.0.0/16 accept
forward ip,inet ip saddr 10.43.0.0/16 accept
forward ip,inet ip daddr 10.43.0.0/16 accept
input ip6,inet ip6 saddr { fd00::11, fd00::12 } tcp dport { 5432 } accept
input ip6,inet ip6 saddr { fd00::11, fd00::12, fd00::21 } tcp dport { 2049 } accept
input ip6,inet ip6 saddr fd42::/56 accept
forward ip6,inet ip6 saddr fd42::/56 accept
forward ip6,inet ip6 daddr fd42::/56 accept
input ip6,inet ip6 saddr fd43::/112 accept
forward ip6,inet ip6 saddr fd43::/112 accept
forward ip6,inet ip6 daddr fd43::/112 accept
"
`);
});

const testWithNft = testWhen(
  answers('nft', '--version') && process.getuid?.() === 0,
  'nftables rules are not checked: nft is missing (apt-get install nftables), or this is not root',
);

testWithNft.each(['ip', 'ip6', 'inet'])('nft takes the rules for a table of family %s', (family) => {
  const rules = nftablesRules([...server, ...storage], topology)
    .split('\n')
    .filter((line) => line.split(' ')[1]?.split(',').includes(family))
    .map((line) => `add rule ${family} t c ${line.split(' ').slice(2).join(' ')}`);
  const input = [`add table ${family} t`, `add chain ${family} t c`, ...rules, ''].join('\n');
  const { status, stderr } = spawnSync('nft', ['--check', '--file', '-'], { input, encoding: 'utf8' });
  expect({ rules: rules.length > 0, status, stderr }).toEqual({ rules: true, status: 0, stderr: '' });
});
