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
  const install =
    'apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y install "$1" >/dev/null';
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
  const result: Record<string, number[]> = {};
  for (const [name, numbers] of Object.entries(ports)) {
    const host = lab.host(name);
    result[name] = [];
    for (const port of numbers) {
      const { stdout } = await host.exec('ss -Hltn "sport = :$1"', { args: [String(port)] });
      if (stdout !== '' && !(await connects(lab, host.address, port))) result[name].push(port);
    }
  }
  return result;
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
