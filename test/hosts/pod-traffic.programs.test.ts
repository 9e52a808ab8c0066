import { testPackets } from '../support/network-sandbox';
import { firewallFilesOf, PodLan } from '../support/pod-lan';

/** What the cluster needs, and as whom it is seen. */
const cluster = {
  // Pods to their node, to another one through the tunnel, to each other, and out.
  'agent1-pod to 10.42.21.1 9999': '10.42.21.2',
  'agent1-pod to fd42:0:0:21::1 9999': 'fd42:0:0:21::2',
  'storage1-pod to 10.42.21.1 9999': '10.42.10.2',
  'agent1-pod to 10.42.10.2 9999': '10.42.21.2',
  'agent1-pod to 10.0.0.66 9999': '10.0.0.21',
  'agent1-pod to fd00::66 9999': 'fd00::21',
  // Nodes to pods, and to the database.
  'agent1 to 10.42.10.2 9999': '10.42.21.0',
  'storage1 to 10.0.0.20 5432': '10.0.0.10',
  // What is published is for everybody.
  'stranger to 10.0.0.21 30080': '10.42.21.0',
  'stranger to 10.0.0.10 30080': '10.42.10.1',
};

/** A machine of the LAN that gives itself the address of a pod, and one that goes to pods directly. */
const strangers = {
  'stranger as 10.42.99.66 to 10.0.0.20 5432': '10.42.99.66',
  'stranger as 10.42.99.66 to 10.0.0.20 9999': '10.42.99.66',
  'stranger as fd42:0:0:99::66 to fd00::20 5432': 'fd42:0:0:99::66',
  'stranger as 10.42.99.66 to 10.0.0.21 9999': '10.42.99.66',
  'stranger as fd42:0:0:99::66 to fd00::21 9999': 'fd42:0:0:99::66',
  'stranger as 10.42.99.66 to 10.42.10.2 9999': '10.42.99.66',
  'stranger to 10.42.10.2 9999': '10.0.0.66',
  'stranger to 10.0.0.20 5432': '10.0.0.66',
};

/** A firewall that its owner has closed, and what the step does to it; it gets the files of the step. */
const firewalls = {
  nftables: {
    files: ['nftables.rules', 'nftables.sh'],
    script: `
nft -f - <<'EOF'
table inet filter {
  chain input {
    type filter hook input priority 0; policy drop;
    iif lo accept
    ct state established,related accept
    meta l4proto 58 accept
  }
  chain forward { type filter hook forward priority 0; policy drop; }
}
EOF
mkdir -p /etc/k3s-cdk; mount -t tmpfs tmpfs /etc/k3s-cdk
printf %s "$1" >/etc/k3s-cdk/nftables.rules
bash -c "$2" bash apply`,
  },
  ufw: {
    files: ['ufw-before.rules', 'ufw-before6.rules'],
    script: `
# close PROGRAM PREFIX RULES
close() {
  local chain
  for chain in input forward; do
    "$1" -N "$2-before-$chain"
    "$1" -P "\${chain^^}" DROP
    "$1" -F "\${chain^^}"
    "$1" -A "\${chain^^}" -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
    "$1" -A "\${chain^^}" -j "$2-before-$chain"
  done
  "$1" -A INPUT -i lo -j ACCEPT
  "$1-restore" --noflush <<<"$3"
}
close iptables-nft ufw "$1"
close ip6tables-nft ufw6 "$2"
ip6tables-nft -A INPUT -p 58 -j ACCEPT`,
  },
};

let lan: PodLan;
beforeEach(async () => {
  lan = await PodLan.up();
});
afterEach(() => lan.down());

testPackets('without a firewall all of it passes, also what a stranger sends', async () => {
  const all = { ...cluster, ...strangers };
  expect(await lan.seen(Object.keys(all), 20)).toEqual(all);
});

testPackets.each(Object.entries(firewalls))(
  'a closed %s lets in the pods of nodes, and nobody who only has an address like theirs',
  async (_, { files, script }) => {
    for (const machine of ['agent1', 'storage1', 'storage2']) {
      const brought = firewallFilesOf(machine);
      const texts = files.map((name) => brought[name] ?? '');
      await lan.sandbox.run(machine, 'exec unshare --mount bash -ec "$@"', script, 'bash', ...texts);
    }
    expect(await lan.seen(Object.keys(cluster), 20)).toEqual(cluster);
    const seen = await lan.seen(Object.keys(strangers), 1);
    expect(Object.entries(seen).filter(([, asker]) => asker !== '')).toEqual([]);
  },
);
