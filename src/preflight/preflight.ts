import { someNames } from '../model/host-groups';
import { KnownHosts } from '../model/known-hosts';
import type { Host, Topology } from '../model/topology';
import { inspectSecrets } from '../secrets/inspect';
import type { SshClient } from '../ssh/client';
import { compareKeys } from '../ssh/compare';
import { KnownHostsFile } from '../ssh/known-hosts-file';
import { scanServers } from '../ssh/scan-servers';
import { sshServers } from '../ssh/servers';
import type { Problem } from '../status/problem';
import { artifactProblems } from './artifact-checks';
import type { BlankDisk } from './blank-disk';
import { type Check, check } from './check';
import { type CheckedHost, checkHosts } from './host-checks';
import { operatorChecks } from './operator-checks';

export interface PreflightOptions {
  /** Hosts that are checked. @default - all */
  readonly hosts?: readonly Host[];
  /** Folder of cluster.yaml. */
  readonly folder: string;
  readonly ssh: SshClient;
  /** For each host. */
  readonly timeoutMs: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Environment in which Terraform is looked for. */
  readonly environment: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  /** Called for each check when it has ended. @default - nobody waits */
  readonly onCheck?: (check: Check) => void;
}

/** What would make an apply fail, and what a person should know before it. */
export interface Preflight {
  /** Errors first: an apply fails with any of them, but not with a warning. */
  readonly problems: readonly Problem[];
  /** All that was checked, in the order in which it ended. */
  readonly checks: readonly Check[];
  /** Disks that an apply formats. */
  readonly blankDisks: readonly BlankDisk[];
  /** Names of hosts that have records of steps. */
  readonly setUp: readonly string[];
}

/** Everything that can be checked before the first change, on this machine and on the hosts. Changes nothing. */
export async function preflight(topology: Topology, options: PreflightOptions): Promise<Preflight> {
  const checks: Check[] = [];
  const ended = (check: Check) => {
    checks.push(check);
    options.onCheck?.(check);
    return check.problems;
  };
  const [here, hosts] = await Promise.all([
    Promise.all(
      [...operatorChecks(topology, options), ...folderChecks(topology, options)].map(async (check) =>
        ended(await check),
      ),
    ),
    checkHosts(topology, { ...options, onChecked: (host) => void ended(hostCheck(host)) }),
  ]);
  const between = [...betweenHosts(topology, hosts)];
  if (between.length > 0) ended(check('all hosts', '', between));
  const keysOf = await keysCheck(topology, hosts, options);
  const keys = keysOf ? ended(keysOf) : [];
  const problems = [...here.flat(), ...hosts.flatMap((host) => host.problems), ...between, ...keys];
  return {
    checks,
    problems: [
      ...problems.filter(({ severity }) => severity === 'error'),
      ...problems.filter(({ severity }) => severity === 'warning'),
    ],
    blankDisks: hosts.flatMap((host) => host.blankDisks),
    setUp: hosts.filter(({ isSetUp }) => isSetUp).map(({ host }) => host.name),
  };
}

/** What is beside cluster.yaml. */
function folderChecks(topology: Topology, { folder, now }: PreflightOptions): Check[] {
  const { artifacts } = topology.k3s;
  const secrets = inspectSecrets(topology, { folder, now: new Date(now()) });
  const problems = secrets.map(({ severity, message }): Problem => ({ severity, code: 'secrets', message }));
  return [
    check('secrets', problems.length === 0 ? 'all are there' : '', problems),
    ...(artifacts === undefined ? [] : [check('artifacts', artifacts, artifactProblems(topology, folder))]),
  ];
}

function hostCheck({ host, system = '', problems }: CheckedHost): Check {
  return check(host.name, system, problems);
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
  if (virtualIp === undefined || servers.length < topology.servers.length) return;
  if (servers.some((server) => server.virtualIp === undefined)) return;
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
      yield { severity: 'error', code: 'twins', message: `${someNames(names)} have ${text(shared)}` };
  }
}

/**
 * OpenSSH accepts any known key; Terraform compares just one, which may be of another type. Undefined when no server
 * shows its keys.
 */
async function keysCheck(
  topology: Topology,
  hosts: readonly CheckedHost[],
  options: PreflightOptions,
): Promise<Check | undefined> {
  const { folder, signal } = options;
  const known = new KnownHosts(new KnownHostsFile(folder).read());
  const reached = new Set(hosts.filter(({ checked }) => checked).map(({ host }) => host.name));
  const servers = sshServers(topology).filter(({ names }) => names.some((name) => reached.has(name)));
  const scanned = await scanServers(servers, folder, signal);
  const shown = scanned.filter(({ scan }) => 'keys' in scan);
  const problems = shown.flatMap(({ server, scan }) => {
    if ('failure' in scan) return [];
    const { unknown, changed } = compareKeys(known.keys(server.address, server.port), scan.keys);
    if (unknown.length === 0 && changed.length === 0) return [];
    const message =
      changed.length > 0
        ? "shows another key than one of those in known_hosts: run 'k3s-cdk init', which says what to do"
        : "has a key that Terraform compares and known_hosts does not have: run 'k3s-cdk init'";
    return server.names.map((host) => ({ severity: 'error' as const, code: 'host-key', host, message }));
  });
  const wanted = new Set((options.hosts ?? topology.hosts).map(({ name }) => name));
  const all = sshServers(topology).filter(({ names }) => names.some((name) => wanted.has(name))).length;
  const compared =
    shown.length === all ? 'as in known_hosts' : `${shown.length} of ${all}, as in known_hosts`;
  return shown.length === 0 ? undefined : check('host keys', problems.length === 0 ? compared : '', problems);
}
