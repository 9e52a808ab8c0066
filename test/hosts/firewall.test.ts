import { spawnSync } from 'node:child_process';
import type { Role } from '../../src/config/config';
import { closedToPods } from '../../src/roles/firewall/closed-to-pods';
import { firewalldFiles } from '../../src/roles/firewall/files/firewalld';
import { nftablesRules } from '../../src/roles/firewall/files/nftables-rules';
import { podsTable } from '../../src/roles/firewall/files/pods-table';
import { ufwRules } from '../../src/roles/firewall/files/ufw-rules';
import { peerAddresses } from '../../src/roles/firewall/peer-addresses';
import { podTraffic } from '../../src/roles/firewall/pod-traffic';
import { trafficTo } from '../../src/roles/roles';
import { hostWith } from '../support/host-with';
import { answers, testWhen } from '../support/needs';
import { Project } from '../support/project';
import { topologyWith } from '../support/topology';

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
  trafficTo(hostWith(...roles), topology).map(({ protocol, ports, from }) =>
    [protocol, ...ports, from].join(' '),
  );

test('a host lets in what its roles need, from those who need it', () => {
  expect(short('database')).toEqual(['tcp 5432 servers']);
  expect(short('nfs')).toEqual(['tcp 2049 nodes']);
  expect(short('agent')).toEqual([
    'udp 8472 subnets',
    'tcp 10250 subnets',
    'tcp 7946 subnets',
    'udp 7946 subnets',
  ]);
  expect(short('server')).toEqual(['tcp 6443 anyone', 'tcp 7443 subnets', 'vrrp servers', ...short('agent')]);
});

const withBackend = (backend: string, more = '') =>
  topologyWith(`k3s: { version: v1.36.2+k3s1, config: { flannel-backend: ${backend} } }\n${more}`);

test('wireguard has other ports than vxlan, and routes need none', () => {
  const tunnels = (backend: string) =>
    trafficTo(hostWith('agent'), withBackend(backend)).filter(({ protocol }) => protocol === 'udp');
  expect(tunnels('wireguard-native')).toEqual([
    expect.objectContaining({ protocol: 'udp', ports: [51820, 51821], from: 'subnets', on: 'node' }),
  ]);
  expect(tunnels('host-gw')).toEqual([]);
});

test('nodes that are registries for each other let each other in', () => {
  const mirrored = topologyWith('k3s: { version: v1.36.2+k3s1, config: { embedded-registry: true } }');
  expect(trafficTo(hostWith('agent'), mirrored)).toContainEqual(
    expect.objectContaining({ protocol: 'tcp', ports: [5001], from: 'subnets', on: 'node' }),
  );
  expect(short('agent')).not.toContain('tcp 5001 nodes');
});

test('tunnels between external addresses come from those', () => {
  const external = (key: string) =>
    topologyWith(`k3s: { version: v1.36.2+k3s1, config: { ${key} } }`, [
      '{ name: agent3, address: 192.168.10.23, roles: [agent], config: { node-external-ip: "198.51.100.7,2001:db8::7" } }',
    ]);
  const addresses = (key: string) => peerAddresses(external(key), 'subnets', 4);
  expect(addresses('flannel-external-ip: true')).toContain('198.51.100.7');
  expect(addresses('flannel-external-ip: false')).not.toContain('198.51.100.7');
});

test('nodes let in the subnets of the hosts, and one by one the addresses outside of them', () => {
  expect(peerAddresses(topology, 'subnets', 4)).toEqual(['10.0.0.0/24']);
  expect(peerAddresses(topology, 'subnets', 6)).toEqual(['fd00::/64']);
  // Without a list, a family that the first server does not have has no subnet.
  const later = topologyWith('', [
    '{ name: agent3, address: 192.168.10.23, nodeIps: [192.168.10.23, "fd00::23"], roles: [agent] }',
  ]);
  expect(peerAddresses(later, 'subnets', 6)).toEqual(['fd00::23']);
});

test('packets of pods are let in on nodes, where they come in', () => {
  const interfaces = (backend: string) => podTraffic(hostWith('agent'), withBackend(backend))?.(4).interfaces;
  expect(podTraffic(hostWith('database', 'nfs'), topology)).toBeUndefined();
  expect(interfaces('vxlan')).toEqual(['cni0', 'flannel.1', 'flannel-v6.1']);
  expect(interfaces('wireguard-native')).toEqual(['cni0', 'flannel-wg', 'flannel-wg-v6']);
  expect(interfaces('none')).toBeUndefined();
  const ownTunnels = topologyWith(
    'k3s: { version: v1.36.2+k3s1, config: { flannel-conf: /etc/flannel.json } }',
  );
  expect(podTraffic(hostWith('agent'), ownTunnels)?.(4).interfaces).toBeUndefined();
});

test('without tunnels, only addresses distinguish packets of pods from others', () => {
  const routed = withBackend('host-gw');
  const rules = trafficTo(hostWith('agent'), routed);
  const pods = podTraffic(hostWith('agent'), routed);
  const nodes = '192.168.10.11, 192.168.10.21, 192.168.10.22';
  expect(nftablesRules(rules, routed, pods).split('\n').slice(1)).toEqual([
    'input ip,inet ip saddr 10.42.0.0/16 accept',
    'forward ip,inet ip saddr 10.42.0.0/16 accept',
    'forward ip,inet ip daddr 10.42.0.0/16 ct status dnat accept',
    'forward ip,inet ip daddr 10.42.0.0/16 ct state established,related accept',
    `forward ip,inet ip saddr { ${nodes} } ip daddr 10.42.0.0/16 accept`,
    '',
  ]);
  expect(ufwRules(rules, routed, 4, pods)).toContain(
    '-A ufw-before-forward -s 192.168.10.21 -d 10.42.0.0/16 -j ACCEPT\n',
  );
  const files = firewalldFiles(rules, routed, pods);
  expect(files['zones.k3s-cdk-pods.xml']).toContain('<source address="10.42.0.0/16"/>');
  expect(files['policies.k3s-cdk-to-pods.xml']).toContain(
    '<source ipset="k3s-cdk-nodes4"/><destination address="10.42.0.0/16"/><accept/>',
  );
});

const closed = (sections: string, hosts: string[] = []) =>
  closedToPods(topologyWith(sections, hosts)).map(({ port, addresses }) =>
    [port, ...(addresses ?? ['anywhere'])].join(' '),
  );
const storageHost =
  '{ name: storage1, address: nas.lan, nodeIps: [192.168.10.10, "fd00::10"], roles: [nfs] }';

test('pods are kept from storage and database, at all addresses that are known, unless cluster.yaml opens them', () => {
  expect(closed('', [storageHost])).toEqual(['2049 192.168.10.10 fd00::10', '5432 192.168.10.11']);
  expect(closed('api: { address: 192.168.10.5 }')).toEqual(['5432 192.168.10.11 192.168.10.5']);
  expect(closed('nfs: { openToPods: true }', [storageHost])).toEqual(['5432 192.168.10.11']);
  expect(closed('database: { openToPods: true }', [storageHost])).toEqual(['2049 192.168.10.10 fd00::10']);
});

test('an opened database lets in agents, by whose addresses pods come', () => {
  const opened = topologyWith('database: { openToPods: true }');
  const from = trafficTo(hostWith('database'), opened).map(({ ports, from }) => [...ports, from].join(' '));
  expect(from).toEqual(['5432 servers', '5432 nodes']);
});

test('pods are kept from the NFS servers of other people that let in nodes', () => {
  const nas = (server: string, more = '') => `nfs: { external: { server: ${server}, path: /export }${more} }`;
  expect(closed(nas('192.168.10.99'))).toEqual(['2049 192.168.10.99', '5432 192.168.10.11']);
  expect(closed(nas('192.168.10.99', ', mountOptions: [nfsvers=4.1, port=12049]'))).toContain(
    '12049 192.168.10.99',
  );
  expect(closed(nas('nas.lan'))).toEqual(['2049 anywhere', '5432 192.168.10.11']);
  expect(closed(nas('nas.lan', ', openToPods: true'))).toEqual(['5432 192.168.10.11']);
  // The database host, which may write backups, is a node.
  expect(closed('database: { backup: { nfs: { server: "fd00::99", path: /backups } } }')).toContain(
    '2049 fd00::99',
  );
});

test('no rule mentions SSH, which is the owner’s', () => {
  const all = trafficTo(hostWith('database', 'nfs', 'server', 'agent'), topology);
  expect(all.flatMap(({ ports }) => ports)).not.toContain(22);
});

const storage = trafficTo(hostWith('database', 'nfs'), topology);
const pods = podTraffic(hostWith('server'), topology);

test('firewalld gets our own policy, with address sets by family', () => {
  const files = firewalldFiles(storage, topology, pods);
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
  expect(ufwRules(storage, topology, 6, pods)).toMatchInlineSnapshot(`
"# BEGIN k3s-cdk
*filter
-A ufw6-before-input -s fd00::11 -p tcp -m multiport --dports 5432 -j ACCEPT
-A ufw6-before-input -s fd00::12 -p tcp -m multiport --dports 5432 -j ACCEPT
-A ufw6-before-input -s fd00::11 -p tcp -m multiport --dports 2049 -j ACCEPT
-A ufw6-before-input -s fd00::12 -p tcp -m multiport --dports 2049 -j ACCEPT
-A ufw6-before-input -s fd00::21 -p tcp -m multiport --dports 2049 -j ACCEPT
-A ufw6-before-input -i cni0 -s fd42::/56 -j ACCEPT
-A ufw6-before-input -i flannel.1 -s fd42::/56 -j ACCEPT
-A ufw6-before-input -i flannel-v6.1 -s fd42::/56 -j ACCEPT
-A ufw6-before-forward -i cni0 -s fd42::/56 -j ACCEPT
-A ufw6-before-forward -i flannel.1 -s fd42::/56 -j ACCEPT
-A ufw6-before-forward -i flannel-v6.1 -s fd42::/56 -j ACCEPT
-A ufw6-before-forward -o cni0 -d fd42::/56 -m conntrack --ctstate DNAT,ESTABLISHED,RELATED -j ACCEPT
-A ufw6-before-forward -o flannel.1 -d fd42::/56 -m conntrack --ctstate DNAT,ESTABLISHED,RELATED -j ACCEPT
-A ufw6-before-forward -o flannel-v6.1 -d fd42::/56 -m conntrack --ctstate DNAT,ESTABLISHED,RELATED -j ACCEPT
COMMIT
# END k3s-cdk
"
`);
});

const server = trafficTo(hostWith('server'), topology);

test('nftables rules name the tables they fit into', () => {
  expect(nftablesRules(storage, topology, pods)).toMatchInlineSnapshot(`
"input ip,inet ip saddr { 10.0.0.11, 10.0.0.12 } tcp dport { 5432 } accept
input ip,inet ip saddr { 10.0.0.11, 10.0.0.12, 10.0.0.21 } tcp dport { 2049 } accept
input ip,inet iifname { "cni0", "flannel.1", "flannel-v6.1" } ip saddr 10.42.0.0/16 accept
forward ip,inet iifname { "cni0", "flannel.1", "flannel-v6.1" } ip saddr 10.42.0.0/16 accept
forward ip,inet oifname { "cni0", "flannel.1", "flannel-v6.1" } ip daddr 10.42.0.0/16 ct status dnat accept
forward ip,inet oifname { "cni0", "flannel.1", "flannel-v6.1" } ip daddr 10.42.0.0/16 ct state established,related accept
input ip6,inet ip6 saddr { fd00::11, fd00::12 } tcp dport { 5432 } accept
input ip6,inet ip6 saddr { fd00::11, fd00::12, fd00::21 } tcp dport { 2049 } accept
input ip6,inet iifname { "cni0", "flannel.1", "flannel-v6.1" } ip6 saddr fd42::/56 accept
forward ip6,inet iifname { "cni0", "flannel.1", "flannel-v6.1" } ip6 saddr fd42::/56 accept
forward ip6,inet oifname { "cni0", "flannel.1", "flannel-v6.1" } ip6 daddr fd42::/56 ct status dnat accept
forward ip6,inet oifname { "cni0", "flannel.1", "flannel-v6.1" } ip6 daddr fd42::/56 ct state established,related accept
"
`);
});

const testWithNft = testWhen(
  answers('nft', '--version') && process.getuid?.() === 0,
  'nftables rules are not checked: nft is missing (apt-get install nftables), or this is not root',
);

testWithNft.each(['ip', 'ip6', 'inet'])('nft takes the rules for a table of family %s', (family) => {
  const rules = nftablesRules([...server, ...storage], topology, pods)
    .split('\n')
    .filter((line) => line.split(' ')[1]?.split(',').includes(family))
    .map((line) => `add rule ${family} t c ${line.split(' ').slice(2).join(' ')}`);
  const input = [`add table ${family} t`, `add chain ${family} t c`, ...rules, ''].join('\n');
  const { status, stderr } = spawnSync('nft', ['--check', '--file', '-'], { input, encoding: 'utf8' });
  expect({ rules: rules.length > 0, status, stderr }).toEqual({ rules: true, status: 0, stderr: '' });
});

testWithNft('nft takes the table that keeps pods away, whatever is closed', () => {
  const oneFamily = topologyWith('');
  const anywhere = [{ port: 2049 }];
  for (const input of [
    podsTable([2049, 5432], closedToPods(topology), topology),
    podsTable([], anywhere, topology),
    podsTable([], anywhere, oneFamily),
  ]) {
    const { status, stderr } = spawnSync('nft', ['--check', '--file', '-'], { input, encoding: 'utf8' });
    expect({ input, status, stderr }).toEqual({ input, status: 0, stderr: '' });
  }
});
