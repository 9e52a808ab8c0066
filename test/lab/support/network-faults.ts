import type { TestCluster } from './test-cluster';

/** An address that no network card has: what is sent to it vanishes, and nobody is told. */
const nowhere = '02:00:00:00:00:99';

/** Nothing gets through between a host and others any more, in either direction, from one moment on. */
export async function cut(cluster: TestCluster, name: string, others: readonly string[]): Promise<void> {
  const host = cluster.lab.host(name);
  const lines = others.map((other) => vanish(cluster.lab.host(other).address));
  // Nothing leaves the host, so that nobody hears from it while the others are told.
  await host.exec(lines.join('\n'));
  await Promise.all(others.map((other) => cluster.lab.host(other).exec(vanish(host.address))));
}

/** Everything gets through again. */
export async function mend(cluster: TestCluster, name: string, others: readonly string[]): Promise<void> {
  const host = cluster.lab.host(name);
  await Promise.all(others.map((other) => cluster.lab.host(other).exec(appear(host.address))));
  await host.exec(others.map((other) => appear(cluster.lab.host(other).address)).join('\n'));
}

const vanish = (address: string) => `ip neigh replace ${address} lladdr ${nowhere} dev eth0 nud permanent`;
const appear = (address: string) => `ip neigh del ${address} dev eth0`;
