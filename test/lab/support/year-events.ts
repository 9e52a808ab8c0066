import type { DatabaseTrial } from './database-trial';
import { installed, offer, wantsReboot } from './local-updates';
import { shortenCertificates } from './short-certificates';
import { statusOf } from './status';
import type { TestCluster } from './test-cluster';
import type { Trouble, YearEvent } from './year';

/** Applies what status names as the repair. */
export async function repair(cluster: TestCluster): Promise<void> {
  const { project } = cluster;
  const { repair } = await statusOf(cluster);
  await project.apply(...repair.map((address) => `-replace=${address}`));
}

/** What a host finds on itself, and says itself. */
export const ofItself = (host: string, says: string, code: string): Trouble => ({
  told: `${host} ${code}`,
  called: {
    says: new RegExp(`^${host}: (error|warning): ${host} ${says}`),
    over: new RegExp(`^${host}: gone: ${code}\\b`),
  },
});

/** The standby first, and the former primary after it; each by its own apt. */
export async function updateAll({ cluster, databases }: DatabaseTrial): Promise<void> {
  const order = [await databases.standby(), await databases.primary(), ...cluster.members('server')];
  const hosts = order.map((name) => cluster.lab.host(name));
  // Some are new machines since the year began.
  for (const host of hosts) {
    await offer(host, { version: 1 });
    await offer(host, { version: 2, postinst: wantsReboot });
  }
  const { stdout } = await cluster.project.k3sCdkLong(['update', '--yes', '--json'], {});
  expect(JSON.parse(stdout)).toMatchObject({ updated: order, rebooted: order });
  for (const host of hosts)
    expect(await installed(host)).toEqual({ version: 2, configuration: 'of its owner' });
}

export function primaryLost(trial: DatabaseTrial): YearEvent {
  const { cluster, databases } = trial;
  let lost = '';
  return {
    what: 'the primary database host is lost, and replaced by a new machine',
    happen: async () => {
      const other = await databases.standby();
      lost = await databases.primary();
      const { address } = cluster.lab.host(lost);
      await cluster.lab.host(lost).powerOff();
      return [
        {
          told: 'cluster database-alone',
          called: {
            says: new RegExp(`^${other}: warning: ${other} has no synchronous standby$`),
            over: new RegExp(`^${other}: gone: database-alone$`),
          },
        },
        {
          told: `${lost} database-member`,
          called: {
            says: new RegExp(`^${other}: error: ${lost} takes no part as a database host `),
            over: new RegExp(`^${other}: gone: database-member ${lost}$`),
          },
        },
        {
          told: `${lost} host-unreachable`,
          // By the server that has the virtual IP.
          called: {
            says: new RegExp(`^(server\\d): error: \\1 gets no connection to Postgres at ${address} `),
            over: new RegExp(`^server\\d: gone: service-silent ${address}:`),
          },
        },
      ];
    },
    mend: async () => {
      await cluster.replace(lost);
      await trial.change();
    },
    limits: { api: 240, writes: 240 },
  };
}

/** As k3s makes them when it is told to make short ones. */
export function certificatesDue({ cluster }: DatabaseTrial): YearEvent {
  return {
    what: 'certificates of k3s are due',
    happen: async () => {
      await shortenCertificates(cluster);
      await cluster.whole();
      // Hosts call three weeks before the end, and these have a month.
      return cluster.members('server').map((name) => ({ told: `${name} certificate-expires` }));
    },
    mend: () => repair(cluster),
    limits: { api: 30, writes: 30 },
  };
}
