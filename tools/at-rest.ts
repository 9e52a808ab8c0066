import { setTimeout as sleep } from 'node:timers/promises';
import type { LabHost } from '../test/lab/lab-host';
import { type HostUsage, usageOf } from '../test/lab/support/usage';

/** Has a server elect as k3s does when nobody says anything, until k3s-cdk applies again. */
export const leasesOfKubernetes = `
sed -i '/-arg: \\["leader-elect-lease/d' /etc/rancher/k3s/config.yaml
sed -i '/^CATTLE_ELECTION_/d' /etc/rancher/k3s/k3s.env
systemctl restart k3s`;

/** Has a server keep the state itself, in k3s's etcd, and leaves everything else as it is. Its argument is a line of k3s's
 * configuration: to begin that etcd, or to join it. */
export const embeddedEtcd = `systemctl stop k3s
rm -rf /var/lib/rancher/k3s/server/db
sed -i '/^datastore-/d' /etc/rancher/k3s/config.yaml
echo "$1" >>/etc/rancher/k3s/config.yaml
systemctl start k3s`;

/** The line of the first server. */
export const beginEtcd = 'cluster-init: true';

interface Rates {
  readonly cpuSecondsAMinute: number;
  readonly memoryMiB: number;
}

/** What a host at rest costs. */
export interface HostRates {
  readonly disk: {
    readonly writtenGBaDay: number;
    readonly writesAMinute: number;
    readonly flushesAMinute: number;
  };
  readonly parts: Readonly<Record<string, Rates>>;
}

function ratesOf(before: HostUsage, after: HostUsage, seconds: number): HostRates {
  const gigabytes = (bytes: number) => ((bytes / seconds) * 86_400) / 1e9;
  const aMinute = (count: number) => (count / seconds) * 60;
  return {
    disk: {
      writtenGBaDay: gigabytes(after.disk.bytes - before.disk.bytes),
      writesAMinute: aMinute(after.disk.writes - before.disk.writes),
      flushesAMinute: aMinute(after.disk.flushes - before.disk.flushes),
    },
    parts: Object.fromEntries(
      Object.entries(after.parts).map(([name, { cpu, memory }]) => [
        name,
        {
          cpuSecondsAMinute: aMinute(cpu - (before.parts[name]?.cpu ?? 0)),
          memoryMiB: memory / 2 ** 20,
        },
      ]),
    ),
  };
}

/** Prints a table of a cluster. */
export function printRates(title: string, hosts: Readonly<Record<string, HostRates>>): void {
  console.log(`\n${title}`);
  console.table(
    Object.entries(hosts).flatMap(([host, { disk, parts }]) => [
      {
        ...{ host, of: 'its disk', 'GB a day': disk.writtenGBaDay.toFixed(2) },
        ...{ 'writes / min': disk.writesAMinute.toFixed(0), 'flushes / min': disk.flushesAMinute.toFixed(0) },
      },
      ...Object.entries(parts)
        .filter(([, { memoryMiB }]) => memoryMiB > 0)
        .map(([of, { cpuSecondsAMinute, memoryMiB }]) => ({
          ...{ host, of, 'CPU s / min': cpuSecondsAMinute.toFixed(2), MiB: memoryMiB.toFixed(0) },
        })),
    ]),
  );
}

async function look(hosts: readonly LabHost[]): Promise<{ at: number; hosts: Map<string, HostUsage> }> {
  const usages = new Map<string, HostUsage>();
  for (const host of hosts) usages.set(host.name, await usageOf(host));
  return { at: Date.now(), hosts: usages };
}

/** Looks at all hosts of each cluster, and again after some minutes. */
export async function ratesAtRest(
  clusters: ReadonlyMap<string, readonly LabHost[]>,
  minutes: number,
): Promise<Record<string, Record<string, HostRates>>> {
  const before = new Map<string, Awaited<ReturnType<typeof look>>>();
  for (const [title, hosts] of clusters) before.set(title, await look(hosts));
  await sleep(minutes * 60_000);
  const result: Record<string, Record<string, HostRates>> = {};
  for (const [title, hosts] of clusters) {
    const [from, to] = [before.get(title), await look(hosts)];
    if (!from) continue;
    const seconds = (to.at - from.at) / 1000;
    result[title] = Object.fromEntries(
      [...to.hosts].map(([name, usage]) => [name, ratesOf(from.hosts.get(name) ?? usage, usage, seconds)]),
    );
  }
  return result;
}
