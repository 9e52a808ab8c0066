import type { Lab } from '../lab';
import { connects } from './connects';

/** How their owners switch them on; what is not mentioned is dropped or rejected. */
const switchOn = {
  firewalld: 'firewall-cmd --quiet --state && firewall-cmd --list-services | grep -qw ssh',
  ufw: 'ufw default deny incoming && ufw allow 22/tcp && ufw --force enable',
  nftables: `cat >/etc/nftables.conf <<'EOF'
flush ruleset
table inet filter {
  chain input {
    type filter hook input priority 0; policy drop;
    iif lo accept
    ct state established,related accept
    tcp dport { 22, 2222 } accept
  }
  chain forward { type filter hook forward priority 0; policy drop; }
}
EOF
systemctl enable --quiet --now nftables`,
} as const;

/** Installs a firewall on each host, and closes it for everything but SSH. */
export async function closeFirewalls(
  lab: Lab,
  firewalls: Readonly<Record<string, keyof typeof switchOn>>,
): Promise<void> {
  // nft, which shows the rules of all of them, comes to nodes anyway.
  const install =
    'apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y install "$1" nftables >/dev/null';
  await Promise.all(
    Object.entries(firewalls).map(([name, firewall]) =>
      lab.host(name).exec(`set -e; ${install}; ${switchOn[firewall]}`, { args: [firewall] }),
    ),
  );
}

/** Those of the ports that the operator, who is no host of the cluster, cannot connect to, though something listens. */
export async function closed(
  lab: Lab,
  ports: Readonly<Record<string, readonly number[]>>,
): Promise<Record<string, number[]>> {
  const listens = async (name: string, port: number) => {
    const { stdout } = await lab.host(name).exec('ss -Hltn "sport = :$1"', { args: [String(port)] });
    return stdout !== '';
  };
  const closedOf = async ([name, numbers]: [string, readonly number[]]) => {
    const open = await Promise.all(
      numbers.map(
        async (port) => !(await listens(name, port)) || connects(lab, lab.host(name).address, port),
      ),
    );
    return [name, numbers.filter((_, index) => !open[index])] as const;
  };
  return Object.fromEntries(await Promise.all(Object.entries(ports).map(closedOf)));
}

/** An address in the networks of pods that is no pod's. */
const podAddress = '10.42.99.66';

/** Like `closed`, for an operator who gives himself the address of a pod, to which every host knows the way. */
export async function closedToPodAddress(
  lab: Lab,
  ports: Readonly<Record<string, readonly number[]>>,
): Promise<Record<string, number[]>> {
  const hosts = Object.keys(ports).map((name) => lab.host(name));
  const asOperator = (script: string, ...args: string[]) => lab.run('bash', ['-ec', script, 'bash', ...args]);
  await asOperator(`ip address replace ${podAddress}/32 dev lo`);
  for (const host of hosts) {
    const way = 'read -r _ _ device _ own _ < <(ip -o route get "$1"); echo "$own"';
    const { stdout: own } = await asOperator(
      `${way}; ip route replace "$1/32" dev "$device" src ${podAddress}`,
      host.address,
    );
    await host.exec(`ip route replace ${podAddress}/32 via "$1"`, { args: [own.trim()] });
  }
  try {
    return await closed(lab, ports);
  } finally {
    for (const host of hosts) await asOperator('ip route del "$1/32"', host.address);
    await asOperator(`ip address del ${podAddress}/32 dev lo`);
  }
}

/** Hosts that have the table which keeps pods from storage and database, with all of its rules. */
export async function keepPodsAway(lab: Lab): Promise<string[]> {
  const hosts = lab.hosts.map(async (host) => {
    const { status, stdout } = await host.exec('nft list table inet k3s-cdk-pods', { allowFailure: true });
    return status === 0 && stdout.includes(' drop') ? [host.name] : [];
  });
  return (await Promise.all(hosts)).flat();
}

/** What the firewall of each host lets in, and what its owner's files say, a line each. */
export async function firewallRules(
  lab: Lab,
  firewalls: Readonly<Record<string, keyof typeof switchOn>>,
): Promise<Record<string, string[]>> {
  const entries = Object.keys(firewalls).map(async (name): Promise<[string, string[]]> => {
    const { stdout } = await lab.host(name).exec(`nft --stateless list ruleset 2>/dev/null
      for save in iptables-save ip6tables-save; do
        "$save" 2>/dev/null | sed -n "s/ \\[.*//; s/^[-:*]/$save &/p"
      done
      find /etc/firewalld /etc/ufw /etc/nftables.conf -type f 2>/dev/null | xargs -r sha256sum`);
    return [name, [...new Set(stdout.trim().split('\n'))].sort()];
  });
  return Object.fromEntries(await Promise.all(entries));
}
