import type { TestCluster } from './test-cluster';

/** An address that no network card has: what is sent to it vanishes, and nobody is told. */
const nowhere = '02:00:00:00:00:99';

/** Nothing gets through between two hosts any more, in either direction. */
export async function cut(cluster: TestCluster, one: string, other: string): Promise<void> {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    const { address } = cluster.lab.host(to);
    await cluster.lab.host(from).exec(`ip neigh replace ${address} lladdr ${nowhere} dev eth0 nud permanent`);
  }
}

/** Everything gets through again. */
export async function mend(cluster: TestCluster, one: string, other: string): Promise<void> {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const)
    await cluster.lab.host(from).exec(`ip neigh del ${cluster.lab.host(to).address} dev eth0`);
}
