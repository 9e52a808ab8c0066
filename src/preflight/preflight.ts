import { KnownHosts } from '../model/known-hosts';
import type { Topology } from '../model/topology';
import { inspectSecrets } from '../secrets/inspect';
import type { SshClient } from '../ssh/client';
import { compareKeys } from '../ssh/compare';
import { KnownHostsFile } from '../ssh/known-hosts-file';
import { scanServers } from '../ssh/scan-servers';
import { sshServers } from '../ssh/servers';
import type { Problem } from '../status/problem';
import { artifactProblems } from './artifact-checks';
import type { BlankDisk } from './blank-disk';
import { type CheckedHost, checkHosts } from './host-checks';
import { operatorChecks } from './operator-checks';

export interface PreflightOptions {
  /** Folder of cluster.yaml. */
  readonly folder: string;
  readonly ssh: SshClient;
  /** For each host. */
  readonly timeoutMs: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Environment in which Terraform is looked for. */
  readonly environment: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

/** What would make an apply fail, and what a person should know before it. */
export interface Preflight {
  /** Errors first: an apply fails with any of them, but not with a warning. */
  readonly problems: readonly Problem[];
  /** Disks that an apply formats. */
  readonly blankDisks: readonly BlankDisk[];
}

/** Everything that can be checked before the first change, on this machine and on the hosts. Changes nothing. */
export async function preflight(topology: Topology, options: PreflightOptions): Promise<Preflight> {
  const { folder, now } = options;
  const [here, hosts] = await Promise.all([operatorChecks(topology, options), checkHosts(topology, options)]);
  const secrets = inspectSecrets(topology, { folder, now: new Date(now()) });
  const problems = [
    ...here,
    ...artifactProblems(topology, folder),
    ...secrets.map(({ severity, message }): Problem => ({ severity, code: 'secrets', message })),
    ...hosts.flatMap((host) => host.problems),
    ...betweenHosts(topology, hosts),
    ...(await comparedKeys(topology, hosts, folder)),
  ];
  return {
    problems: [
      ...problems.filter(({ severity }) => severity === 'error'),
      ...problems.filter(({ severity }) => severity === 'warning'),
    ],
    blankDisks: hosts.flatMap((host) => host.blankDisks),
  };
}

/** Problems that show only when hosts are compared. */
export function* betweenHosts(topology: Topology, hosts: readonly CheckedHost[]): Iterable<Problem> {
  yield* twins(
    hosts,
    ({ machineId }) => machineId,
    () =>
      `the same machine id, as copies of one disk image have: on all but one, run 'rm /etc/machine-id && systemd-machine-id-setup' and reboot`,
  );
  yield* twins(
    hosts,
    ({ machineName }) => machineName,
    (name) => `the same name '${name}': give each its own with 'hostnamectl set-hostname NAME'`,
  );
  const virtualIp = topology.api.loadBalancer?.virtualIp;
  const servers = hosts.filter(({ host }) => topology.servers.includes(host));
  // A server that cannot be queried may be the one that has it.
  if (virtualIp === undefined || servers.some((server) => server.virtualIp === undefined)) return;
  const owner = servers.find((server) => server.virtualIp !== 'free')?.virtualIp;
  if (owner !== undefined && !servers.some((server) => server.virtualIp === 'here'))
    yield {
      severity: 'error',
      code: 'virtual-ip-taken',
      message: `the virtual IP ${virtualIp} is in use by another machine (${owner}): set 'api.address' to an unused address`,
    };
}

function* twins(
  hosts: readonly CheckedHost[],
  value: (host: CheckedHost) => string | undefined,
  text: (value: string) => string,
): Iterable<Problem> {
  for (const shared of new Set(hosts.map(value))) {
    const names = hosts.filter((host) => value(host) === shared).map(({ host }) => host.name);
    if (shared !== undefined && names.length > 1)
      yield { severity: 'error', code: 'twins', message: `${names.join(', ')} have ${text(shared)}` };
  }
}

/** OpenSSH accepts any known key; Terraform compares just one, which may be of another type. */
async function comparedKeys(
  topology: Topology,
  hosts: readonly CheckedHost[],
  folder: string,
): Promise<Problem[]> {
  const known = new KnownHosts(new KnownHostsFile(folder).read());
  const reached = new Set(hosts.filter(({ checked }) => checked).map(({ host }) => host.name));
  const servers = sshServers(topology).filter(({ names }) => names.some((name) => reached.has(name)));
  const scanned = await scanServers(servers, folder);
  return scanned.flatMap(({ server, scan }) => {
    if ('failure' in scan) return [];
    const { unknown, changed } = compareKeys(known.keys(server.address, server.port), scan.keys);
    if (unknown.length === 0 && changed.length === 0) return [];
    const message =
      changed.length > 0
        ? "shows another key than one of those in known_hosts: run 'k3s-cdk init', which says what to do"
        : "has a key that Terraform compares and known_hosts does not have: run 'k3s-cdk init'";
    return [{ severity: 'error' as const, code: 'host-key', host: server.names.join(', '), message }];
  });
}
