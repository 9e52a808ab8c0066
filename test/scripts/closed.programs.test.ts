import { readFileSync } from 'node:fs';
import { testPackets } from '../support/network-sandbox';
import { PodLan } from '../support/pod-lan';

let lan: PodLan;
beforeAll(async () => {
  lan = await PodLan.up();
});
afterAll(() => lan.down());

/** Loads rules on a machine that has none, and asks the script what they do to packets of agent1, 10.0.0.21. */
async function judged(machine: string, hook: 'input' | 'forward', rules: string): Promise<string> {
  const library = readFileSync('src/roles/firewall/lib-closed.sh', 'utf8');
  const ask = `nft flush ruleset\n${rules}\n
    PEERS='10.0.0.10 10.0.0.21' DEVICE=eth0; . /dev/stdin <<<"$1"
    closed_by_iptables iptables-nft-save "\${2^^}"; closed_by_nft "$2" ip6`;
  return lan.sandbox.run(machine, ask, library, hook);
}

const table = (rules: string, policy = 'accept') => `nft -f - <<'END'
table inet own {
  set banned { type ipv4_addr; elements = { 192.0.2.1 } }
  chain clients {
    tcp dport 22 accept
    counter packets 0 bytes 0 reject
  }
  chain incoming {
    type filter hook input priority 0; policy ${policy};
    iif lo accept
    ct state vmap { established : accept, related : accept, invalid : drop }
    tcp dport 22 accept comment "SSH"
    ${rules}
  }
}
END`;

/** Rules, and by which of them packets of the cluster's hosts end; '' where they do not. */
const ends: Record<string, string> = {
  '': '',
  // For some packets only.
  'iptables-nft -A INPUT -m conntrack --ctstate INVALID -j DROP': '',
  'iptables-nft -A INPUT -s 192.0.2.1 -j DROP': '',
  'iptables-nft -A INPUT -p tcp --dport 25 -j REJECT': '',
  'iptables-nft -A INPUT -i eth1 -j DROP': '',
  'iptables-nft -A INPUT -m comment --comment "no -j DROP" -j LOG': '',
  'iptables-nft -N mine; iptables-nft -A INPUT -j mine; iptables-nft -A mine -p icmp -j DROP': '',
  [table('ip saddr @banned drop')]: '',
  [table('iifname "eth1" drop')]: '',
  // For all that nothing lets in.
  'iptables-nft -A INPUT -p tcp --dport 22 -j ACCEPT; iptables-nft -A INPUT -j REJECT': '-A INPUT -j REJECT',
  'iptables-nft -P INPUT DROP': ':INPUT DROP',
  'iptables-nft -N mine; iptables-nft -A INPUT -j mine; iptables-nft -A mine -j REJECT': '-A mine -j REJECT',
  'iptables-nft -N mine; iptables-nft -A INPUT -g mine; iptables-nft -A INPUT -j DROP': '',
  'iptables-nft -A INPUT -i eth0 -p tcp -m conntrack --ctstate NEW -j DROP':
    '-A INPUT -i eth0 -p tcp -m conntrack --ctstate NEW -j DROP',
  'iptables-nft -A INPUT -p tcp --syn -j REJECT':
    '-A INPUT -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j REJECT',
  [table('', 'drop')]: 'inet own/incoming: policy drop',
  [table('jump clients')]: 'inet own/incoming: counter packets 0 bytes 0 reject',
  [table('ct state new log prefix "no: " drop')]: 'inet own/incoming: ct state new log prefix "no: " drop',
  // Let in before.
  'iptables-nft -P INPUT DROP; iptables-nft -A INPUT -s 10.0.0.0/24 -j ACCEPT': '',
  'iptables-nft -P INPUT DROP; iptables-nft -A INPUT -i eth0 -j ACCEPT': '',
  'iptables-nft -P INPUT DROP; iptables-nft -A INPUT -s 10.0.0.0/28 -j ACCEPT': ':INPUT DROP',
  [table('ip saddr 10.0.0.0/24 accept', 'drop')]: '',
  [table('iifname "eth0" accept', 'drop')]: '',
};

testPackets('what is said to drop packets of the cluster’s hosts does, and nothing else does', async () => {
  for (const [rules, end] of Object.entries(ends)) {
    const said = await judged('storage2', 'input', rules);
    const [seen] = Object.values(await lan.seen(['agent1 to 10.0.0.20 5432'], end === '' ? 20 : 1));
    expect({ rules, by: plain(said), seen }).toEqual({ rules, by: end, seen: end === '' ? '10.0.0.21' : '' });
  }
});

/** Without how a rule rejects, which its owner has not written. */
const plain = (rule: string) => rule.replace(/ --reject-with \S+| with icmp\S* \S+/, '').replace(/\t/g, '');

testPackets.each([
  ['iptables-nft -P FORWARD DROP', ''],
  ['iptables-nft -A FORWARD -s 192.0.2.1 -j DROP', ''],
  ['iptables-nft -A FORWARD -j REJECT', '-A FORWARD -j REJECT'],
  [
    'nft "add table inet own; add chain inet own f { type filter hook forward priority 0; policy drop; }"',
    'inet own/f: policy drop',
  ],
])('forwarded, before Kubernetes appends its rules: %s', async (rules, end) => {
  const said = await judged('agent1', 'forward', rules);
  await lan.kubeProxy('agent1');
  const [seen] = Object.values(await lan.seen(['agent1-pod to 10.42.10.2 9999'], end === '' ? 20 : 1));
  expect({ said: plain(said), seen }).toEqual({
    said: end,
    seen: end === '' ? '10.42.21.2' : '',
  });
});
