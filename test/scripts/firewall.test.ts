import type { Topology } from '../../src/model/topology';
import { firewallFiles } from '../../src/roles/firewall/firewall.step';
import { scratchFolders } from '../support/scratch';
import { ScriptSandbox } from '../support/script-sandbox';
import { testInSandbox } from '../support/test-in-sandbox';
import { topologyWith } from '../support/topology';

const scratch = scratchFolders();
const topology = topologyWith('', ['{ name: storage1, address: 192.168.10.10, roles: [nfs] }']);

/** A host without a firewall. */
function machine(): ScriptSandbox {
  const sandbox = new ScriptSandbox(scratch());
  sandbox.stub('systemctl', '[[ $1 != is-active ]]');
  sandbox.stub('ip', 'echo "192.168.10.11 dev eth0 src 192.168.10.10"');
  sandbox.stub('nft');
  return sandbox;
}

/** Runs the step on a host. */
function open(sandbox: ScriptSandbox, name = 'storage1', of: Topology = topology) {
  const host = of.hosts.find((each) => each.name === name);
  if (!host) throw new Error(`there is no host '${name}'`);
  return sandbox.run('firewall.sh', {
    ...firewallFiles(of)(host),
    'step.env': `HOST=${name}\nPEERS=192.168.10.11\n`,
  });
}

/** As `iptables-save` shows them. */
const rules = (...lines: string[]) =>
  `printf '%s\\n' '*filter' ${lines.map((line) => `'${line}'`).join(' ')} COMMIT`;
const closedTable = `printf 'table inet own {\\n\\tchain c {\\n\\t\\ttype filter hook %s priority filter; policy drop;\\n\\t}\\n}\\n' `;

testInSandbox(
  'nodes get the table that keeps pods away whatever their firewall is, other hosts do not',
  () => {
    const node = machine();
    expect(open(node, 'agent1')).toMatchObject({ status: 0, stderr: '' });
    expect(node.read('etc/k3s-cdk/pods.nft')).toContain('ip daddr { 192.168.10.10 }');
    expect(node.calls()).toContain('systemctl restart k3s-cdk-pods.service');
    expect(open(node, 'agent1')).toMatchObject({
      status: 0,
      stdout: 'starting k3s-cdk-pods.service\nno firewall is active\n',
    });
    const storage = machine();
    expect(open(storage)).toMatchObject({
      status: 0,
      stderr: '',
      stdout: expect.stringContaining('no firewall is active\n'),
    });
    expect(storage.has('etc/k3s-cdk/pods.nft')).toBe(false);
  },
);

testInSandbox('the table goes with the role of a node', () => {
  const sandbox = machine();
  open(sandbox, 'agent1');
  const script = 'usr/local/lib/k3s-cdk/uninstall.d/25-pods';
  expect(sandbox.exec(`/${script}`)).toMatchObject({ status: 0, stderr: '' });
  expect(sandbox.calls()).toEqual(
    expect.arrayContaining([
      'systemctl disable --quiet --now k3s-cdk-pods.service',
      'nft delete table inet k3s-cdk-pods',
    ]),
  );
  for (const path of [
    'etc/k3s-cdk',
    'usr/local/libexec/k3s-cdk',
    'etc/systemd/system/k3s-cdk-pods.service',
    script,
  ])
    expect({ path, there: sandbox.has(path) }).toEqual({ path, there: false });
});

testInSandbox('rules for some packets are no firewall', () => {
  const sandbox = machine();
  sandbox.stub(
    'iptables-save',
    rules(
      ':INPUT ACCEPT [0:0]',
      '-A INPUT -m conntrack --ctstate INVALID -j DROP',
      '-A INPUT -s 192.0.2.1/32 -j DROP',
    ),
  );
  expect(open(sandbox)).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('no firewall is active\n'),
  });
});

/** Of a node that runs, a few of each kind: kube-proxy's, flannel's and those of network policies. */
const k3sRules = `
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:KUBE-FIREWALL - [0:0]
-A INPUT -m comment --comment "kube-router netpol - 4IA2OSFRMVNDXBVV" -j KUBE-ROUTER-INPUT
-A INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL
-A INPUT -m comment --comment "kubernetes health check service ports" -j KUBE-NODEPORTS
-A INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES
-A INPUT -j KUBE-FIREWALL
-A FORWARD -m comment --comment "kube-router netpol - TEMCG2JMHZYE7H7T" -j KUBE-ROUTER-FORWARD
-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A FORWARD -m comment --comment "flanneld forward" -j FLANNEL-FWD
-A FLANNEL-FWD -s 10.42.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT
-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment "block incoming localnet connections" -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP
-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT
-A KUBE-POD-FW-4GWR2CHSVFYCOGPC -m comment --comment "rule to REJECT traffic destined for POD name:web -j REJECT" -m mark ! --mark 0x10000/0x10000 -j REJECT --reject-with icmp-port-unreachable
-A KUBE-ROUTER-FORWARD -d 10.42.0.7/32 -m comment --comment "rule to jump traffic destined to POD name:web to chain KUBE-POD-FW-4GWR2CHSVFYCOGPC" -j KUBE-POD-FW-4GWR2CHSVFYCOGPC
-A KUBE-ROUTER-INPUT -d 10.43.0.0/16 -m comment --comment "allow traffic to primary cluster IP range - TZZOAXOCHPHEHX7M" -j RETURN
-A KUBE-SERVICES -d 10.43.9.9/32 -p tcp -m comment --comment "default/web has no endpoints" -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable
`;

testInSandbox('the rules of a node that runs are no firewall', () => {
  const sandbox = machine();
  sandbox.stub('iptables-save', rules(...k3sRules.trim().split('\n')));
  expect(open(sandbox, 'agent1')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('no firewall is active'),
  });
});

testInSandbox.each([
  [
    'rules of iptables that reject in a chain of their owner',
    ['iptables-save', rules(':INPUT ACCEPT [0:0]', ':mine - [0:0]', '-A INPUT -j mine', '-A mine -j REJECT')],
    "error: storage1: bare rules of iptables keep the cluster's hosts out (-A mine -j REJECT), and no firewall service looks after them: remove them (see /etc/iptables or 'iptables-services'), or start firewalld or ufw",
  ],
  [
    'a table of nftables that nobody loads again',
    ['nft', `${closedTable} input`],
    "error: storage1: a table of nftables keeps the cluster's hosts out (inet own/c: policy drop), and nftables.service does not load it: put it into the file of that service and run 'systemctl enable --now nftables', or remove it",
  ],
] as const)('%s end the step, which says by which rule', (_, [program, output], message) => {
  const sandbox = machine();
  sandbox.stub(program, output);
  expect(open(sandbox)).toMatchObject({ status: 1, stderr: `${message}\n` });
});

testInSandbox('rules of iptables beside the tables of nftables.service are not overlooked', () => {
  const sandbox = machine();
  sandbox.stub('systemctl', '[[ $1 != is-active || $* == *nftables* ]]');
  sandbox.stub('iptables-save', rules(':INPUT DROP [0:0]'));
  expect(open(sandbox)).toMatchObject({ status: 1, stderr: expect.stringContaining('(:INPUT DROP)') });
});

testInSandbox('what is dropped of IPv6 matters where hosts have it, what is forwarded where pods are', () => {
  const sandbox = machine();
  sandbox.stub('ip6tables-save', rules(':INPUT DROP [0:0]'));
  sandbox.stub('nft', `${closedTable} forward`);
  expect(open(sandbox)).toMatchObject({ status: 0 });
  expect(open(sandbox, 'agent1')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('(inet own/c: policy drop)'),
  });
  sandbox.stub('nft');
  expect(open(sandbox, 'agent1')).toMatchObject({ status: 0 });
  const both = topologyWith('', [
    '{ name: agent3, address: 192.168.10.23, nodeIps: [192.168.10.23, "fd00::23"], roles: [agent] }',
  ]);
  expect(open(sandbox, 'agent3', both)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('(:INPUT DROP)'),
  });
});
