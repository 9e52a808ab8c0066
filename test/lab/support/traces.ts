import type { TestCluster } from './test-cluster';

/**
 * What is on each host of a lab that no package owns, a line each: files outside of the folders where programs keep what
 * they have made, users, units that run or start at boot, addresses, and ports.
 */
export async function traces(cluster: TestCluster): Promise<Map<string, string[]>> {
  const running = cluster.lab.hosts.filter((host) => host.isRunning());
  const entries = running.map(async (host): Promise<[string, string[]]> => {
    const { stdout } = await host.exec(script);
    return [host.name, stdout.trim().split('\n')];
  });
  return new Map(await Promise.all(entries));
}

// Links of units that packages enable, their users and units, and what their scripts write, are the packages'.
const script = `
find /etc /usr/local /usr/libexec /opt /srv /root /home /var/backups /var/lib -xdev \\( -type f -o -type l -o -type d \\) \\
  -not -path '/var/lib/dpkg/*' -not -path '/var/lib/apt/*' -not -path '/var/lib/systemd/*' -not -path '/var/lib/private/*' \\
  -not -path '/etc/systemd/*.wants*' -not -path '/etc/rc?.d/*' -not -path '/etc/ssl/certs/*' -not -path '/etc/alternatives/*' \\
  -not -path '/var/backups/dpkg*' -not -path '/var/backups/apt*' -not -path '/var/backups/alternatives*' \\
  -not -path '/var/lib/ucf/*' -not -path '/var/lib/nfs/*' -not -path '/etc/default/*' -not -path '/etc/systemd/system/*.requires*' \\
  -not -path '/etc/exports' -not -path '/etc/nfs.conf' -not -path '/etc/idmapd.conf' \\
  -not -path '/etc/iproute2*' -not -path '/var/lib/haproxy/*' \\
  -not -name '*-' -not -path '/etc/mtab' | sort >/run/lab-files
cut -d/ -f2- /run/lab-files | sed 's|^|/|' | xargs -d '\\n' dpkg-query -S 2>&1 |
  sed -n 's/^dpkg-query: no path found matching pattern //p' | sort -u | sed 's/^/file /'
cut -d: -f1 /etc/passwd | grep -vE '^(_rpc|statd|haproxy)$' | sed 's/^/user /'
cat /etc/subuid /etc/subgid 2>/dev/null | sed 's/^/range /'
systemctl list-units --type=service,timer,mount --state=active --no-legend --plain | awk '{ print "unit " $1 }' |
  grep -vE 'unit (user@|user-runtime-dir@|session-|run-|dev-|proc-|sys-|tmp|systemd-|fsidd|netavark-|rpc-statd|rpcbind)' || true
ip -br address | awk '{ $1 = $1; print "address " $0 }' | sed 's|@[^ ]*||; s| fe80[^ ]*||'
ss -Hltn | awk '$4 !~ /:111$/ { print "port " $4 }'
`;
