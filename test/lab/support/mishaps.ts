import type { LabHost } from '../lab-host';
import { waitFor } from '../wait';
import type { TestCluster } from './test-cluster';

/** The server that has the virtual IP; waits for one where it moves back after the mishap before. */
export async function holder(cluster: TestCluster): Promise<LabHost> {
  let found: LabHost | undefined;
  await waitFor(
    `a server has the virtual IP ${cluster.vip}`,
    async () => {
      found = await holderNow(cluster);
      return found !== undefined;
    },
    { interval: 100 },
  );
  return found as LabHost;
}

async function holderNow(cluster: TestCluster): Promise<LabHost | undefined> {
  for (const name of cluster.members('server')) {
    const host = cluster.lab.host(name);
    if (!host.isRunning()) continue;
    const { stdout } = await host.exec('ip -br address');
    if (stdout.includes(`${cluster.vip}/`)) return host;
  }
  return undefined;
}

/** What may happen to a cluster with its virtual IP, each with what makes it whole again where that takes somebody. */
export const mishaps: Readonly<Record<string, (cluster: TestCluster) => Promise<() => Promise<unknown>>>> = {
  'its holder loses power': async (cluster) => {
    const host = await holder(cluster);
    await host.powerOff();
    return () => host.boot();
  },
  'haproxy is killed on its holder': async (cluster) => {
    await (await holder(cluster)).exec('systemctl kill --signal KILL haproxy');
    return async () => {};
  },
  'haproxy is stopped on its holder': async (cluster) => {
    const host = await holder(cluster);
    await host.exec('systemctl stop haproxy');
    return () => host.exec('systemctl start haproxy');
  },
  'k3s is killed on its holder': async (cluster) => {
    await (await holder(cluster)).exec('systemctl kill --kill-whom main --signal KILL k3s');
    return async () => {};
  },
  'Postgres is restarted': async (cluster) => {
    await cluster.postgres('restart');
    return async () => {};
  },
};
