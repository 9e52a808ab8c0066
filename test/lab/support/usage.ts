import type { LabHost } from '../lab-host';

/**
 * What programs have used since their host booted, but for `memory`, which is now. What each has written is not in it:
 * `write_bytes` of Linux 6.18 adds up to as much as twice what the disk gets.
 */
export interface Usage {
  /** Seconds of processor time, of programs that have ended too. */
  readonly cpu: number;
  /** Bytes, shared ones in equal parts. */
  readonly memory: number;
}

export interface HostUsage {
  /** What the host's disk was told to do, by whatever program, the file system's own journal included. */
  readonly disk: {
    readonly bytes: number;
    readonly writes: number;
    /** Times that it was told to make sure of everything that it had been given. */
    readonly flushes: number;
  };
  readonly parts: Readonly<Record<string, Usage>>;
}

/** Control groups of each part of a host, the user of a rootless container by name. */
const groups = {
  k3s: ['/system.slice/k3s.service', '/system.slice/k3s-agent.service'],
  pods: ['/kubepods.slice', '/kubepods'],
  journal: ['/system.slice/systemd-journald.service'],
  Postgres: ['k3s-postgres'],
  "Patroni's etcd": ['k3s-etcd'],
  'load balancer': ['/system.slice/haproxy.service', '/system.slice/keepalived.service'],
} as const;

const script = `
read -r device < <(findmnt -no MAJ:MIN -T /var/lib/rancher || findmnt -no MAJ:MIN /)
echo "disk $(cat "/sys/dev/block/$device/stat")"
for user in k3s-postgres k3s-etcd; do
  ! id -u "$user" >/dev/null 2>&1 || echo "user $user /user.slice/user-$(id -u "$user").slice"
done
cd /sys/fs/cgroup
find . -name cpu.stat -printf '%P\\n' | while read -r file; do
  echo "cpu /\${file%cpu.stat} $(sed -n 's/^usage_usec //p' "$file" 2>/dev/null)"
done
cd /proc
for process in [0-9]*; do
  {
    group=$(sed -n 's/^0:://p' "$process/cgroup")
    pss=$(sed -n 's/^Pss: *\\([0-9]*\\) kB/\\1/p' "$process/smaps_rollup")
  } 2>/dev/null
  [ -z "$pss" ] || echo "process $group $pss"
done`;

/** Asks a host of a lab. */
export async function usageOf(host: LabHost): Promise<HostUsage> {
  const { stdout } = await host.exec(script);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const of = (kind: string) => lines.filter(([first]) => first === kind).map(([, ...values]) => values);
  const [disk = []] = of('disk');
  const users = new Map(of('user').map(([name = '', group = '']) => [name, group]));
  const cpu = new Map(of('cpu').map(([group = '', used]) => [group, Number(used) / 1e6]));
  const processes = of('process').map(([group = '', pss]) => ({ group, memory: Number(pss) * 1024 }));
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const within = (paths: readonly string[]): Usage => {
    const own = processes.filter(({ group }) => paths.some((path) => `${group}/`.startsWith(`${path}/`)));
    return {
      cpu: sum(paths.map((path) => cpu.get(`${path}/`) ?? 0)),
      memory: sum(own.map(({ memory }) => memory)),
    };
  };
  const parts = Object.entries(groups).map(
    ([part, paths]) => [part, within(paths.map((path) => users.get(path) ?? path))] as const,
  );
  const all = within(['']);
  const rest = (kind: keyof Usage) => all[kind] - sum(parts.map(([, part]) => part[kind]));
  return {
    disk: { writes: Number(disk[4]), bytes: Number(disk[6]) * 512, flushes: Number(disk[15]) },
    parts: {
      ...Object.fromEntries(parts),
      'everything else': { cpu: rest('cpu'), memory: rest('memory') },
    },
  };
}
