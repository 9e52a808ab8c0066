import type { TestCluster } from './test-cluster';

/** What a test has asked for in cluster.yaml, besides its hosts. */
export interface Wanted {
  readonly idleTimeout?: string;
  /** kube-apiserver's, in the configuration of k3s. */
  readonly eventTtl?: string;
  readonly workMem?: string;
}

/** The part of cluster.yaml that says so. */
export function wantedYaml(cluster: TestCluster, { idleTimeout, eventTtl, workMem }: Wanted): object {
  const { binary, vip, port } = cluster;
  return {
    api: { address: vip, port, ...(idleTimeout && { idleTimeout }) },
    k3s: {
      version: binary.version,
      artifacts: './artifacts',
      ...(eventTtl && { config: { 'kube-apiserver-arg': [`event-ttl=${eventTtl}`] } }),
    },
    ...(workMem && { database: { settings: { work_mem: workMem } } }),
  };
}

/** Sentences about what hosts are, in the words of the test: compared with those about what cluster.yaml says. */
export async function found(cluster: TestCluster): Promise<string[]> {
  const servers = cluster.names('server').filter((name) => cluster.lab.host(name).isRunning());
  const ofServers = await Promise.all(
    servers.map(async (name) => {
      const { stdout } = await cluster.lab.host(name).exec(serverFacts, { allowFailure: true });
      return stdout
        .trim()
        .split('\n')
        .filter(Boolean)
        .map((line) => `${name}: ${line}`);
    }),
  );
  const [storage = ''] = cluster.members('database');
  const { stdout } = await cluster.lab
    .host(storage)
    .exec(`grep -oE '[0-9.]+\\(' /etc/exports.d/k3s-cdk.exports | tr -d '(' | sort | tr '\\n' ' '`);
  const memory = await cluster.sql('SHOW work_mem');
  return [...ofServers.flat(), `exports to ${stdout.trim()}`, `work_mem ${memory}`].sort();
}

/** Nothing on a host that has left. */
const serverFacts = `
for unit in k3s haproxy keepalived; do
  [ "$(systemctl is-active $unit)" = active ] && echo "$unit is active"
done
[ -e /usr/local/bin/k3s ] && echo "runs $(readlink /usr/local/bin/k3s)"
[ -e /etc/haproxy/k3s-api.cfg ] && {
  echo "backends $(awk '$1 == "server" { print $2 }' /etc/haproxy/k3s-api.cfg | sort | tr '\\n' ' ' | sed 's/ $//')"
  echo "port $(grep -oP 'bind 0.0.0.0:\\K\\d+' /etc/haproxy/k3s-api.cfg)"
  echo "timeout $(awk '$1 == "timeout" && $2 == "server" { print $3 }' /etc/haproxy/k3s-api.cfg)"
}
[ -e /etc/rancher/k3s/config.yaml ] && echo "event-ttl $(grep -oP 'event-ttl=\\K\\w+' /etc/rancher/k3s/config.yaml || echo none)"
[ -e /etc/keepalived/keepalived.conf ] && {
  echo "virtual IP $(grep -oP '^ +\\K[0-9.]+(?=/32)' /etc/keepalived/keepalived.conf)"
  echo "peers $(sed -n '/unicast_peer/,/}/p' /etc/keepalived/keepalived.conf | grep -oP '^ +\\K[0-9.]+$' | sort | tr '\\n' ' ' | sed 's/ $//')"
}
[ -e /var/lib/k3s-cdk ] && echo "is a member"
true
`;

/** The same about cluster.yaml. */
export function described(
  cluster: TestCluster,
  { idleTimeout = '4h', eventTtl = 'none', workMem = '4MB' }: Wanted,
): string[] {
  const servers = cluster.members('server');
  const address = (name: string) => cluster.lab.host(name).address;
  const facts = servers.flatMap((name) =>
    [
      'k3s is active',
      'haproxy is active',
      'keepalived is active',
      `runs k3s-${cluster.binary.version}`,
      `backends ${[...servers].sort().join(' ')}`,
      `port ${cluster.port}`,
      `timeout ${idleTimeout}`,
      `event-ttl ${eventTtl}`,
      `virtual IP ${cluster.vip}`,
      `peers ${servers
        .filter((other) => other !== name)
        .map(address)
        .sort()
        .join(' ')}`,
      'is a member',
    ].map((fact) => `${name}: ${fact}`),
  );
  return [...facts, `exports to ${servers.map(address).sort().join(' ')}`, `work_mem ${workMem}`].sort();
}

/** Servers that have an address, of those that are on. */
export async function holders(cluster: TestCluster, address: string): Promise<string[]> {
  const running = cluster.names('server').filter((name) => cluster.lab.host(name).isRunning());
  const answers = await Promise.all(
    running.map(async (name) => {
      const { stdout } = await cluster.lab.host(name).exec('ip -br address');
      return stdout.includes(`${address}/`) ? [name] : [];
    }),
  );
  return answers.flat();
}
