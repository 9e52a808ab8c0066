import type { Host } from '../../model/topology';
import type { BlankDisk } from '../../preflight/blank-disk';
import { checkHosts as checkedHosts } from '../../preflight/host-checks';
import { preflight } from '../../preflight/preflight';
import { SshClient } from '../../ssh/client';
import type { Problem } from '../../status/problem';
import { problemSentences } from '../../status/problem-sentences';
import type { PlannedChanges } from '../../terraform/planned-changes';
import { deferredHosts, hostsThatAreOff } from './deferral';
import { DeployError } from './deploy-error';
import type { Deployment } from './deployment';
import { missingForK3s } from './k3s-needs';

/** A Raspberry Pi under load takes some seconds. */
const timeoutMs = 30_000;

/** What is known of hosts before they are changed. */
export interface CheckedHosts {
  /** Disks that are going to be formatted. */
  readonly disks: BlankDisk[];
  /** Names of hosts that are off, whose steps have to wait. */
  readonly deferred: string[];
}

/**
 * Runs doctor's checks before hosts are changed. A host on which nothing will run need not pass,
 * unless k3s needs it elsewhere.
 *
 * @throws DeployError with everything that would make the apply fail
 */
export async function checkHosts(
  { steps, joining }: PlannedChanges,
  now: Date,
  { topology, folder, environment, interruption, view, terminal }: Deployment,
): Promise<CheckedHosts> {
  const ssh = new SshClient({ folder });
  const { signal } = interruption;
  const found = await preflight(topology, {
    folder,
    ssh,
    timeoutMs,
    now: () => now.getTime(),
    environment,
    signal,
  })
    .catch((error: Error) => {
      if (interruption.requested) throw new DeployError(['stopped before anything was changed']);
      throw error;
    })
    .finally(() => ssh.close());
  if (joining.length === topology.hosts.length && found.setUp.length > 0)
    view.note(
      `the state has nothing of this cluster, but ${found.setUp.join(', ')} ${found.setUp.length === 1 ? 'was' : 'were'} set up before: all steps run again, and change what differs from cluster.yaml`,
    );
  const concerned = new Set(steps.map(({ host }) => host));
  const deferred = deferredHosts(
    topology.hosts.filter(({ name }) => concerned.has(name)),
    found.problems,
  );
  for (const name of deferred) concerned.delete(name);
  // k3s restarts on hosts that answer, but needs others for that: found half-way, it is too late.
  const restarts = steps.some(({ host, step }) => step === 'k3s' && concerned.has(host));
  const missing = restarts ? missingForK3s(topology, hostsThatAreOff(found.problems)) : [];
  for (const { hosts } of missing) for (const { name } of hosts) concerned.add(name);
  const problems = found.problems.map((problem) =>
    problem.host === undefined || concerned.has(problem.host)
      ? problem
      : { ...problem, severity: 'warning' as const },
  );
  const sentences = problemSentences(problems);
  const errors = sentences.filter(({ severity }) => severity === 'error');
  terminal.report({ problems: problems.filter(({ severity }) => severity === 'warning') });
  for (const { severity, text } of sentences) if (severity === 'warning') view.note(`warning: ${text}`);
  if (errors.length > 0)
    throw new DeployError([
      ...errors.map(({ text }) => `error: ${text}`),
      ...neededLines(topology.hosts, problems),
      ...missing.map(({ reason }) => reason),
      'nothing was changed on any host',
    ]);
  return { disks: found.blankDisks.filter(({ host }) => formatting(steps).has(host.name)), deferred };
}

/** Why hosts that do not answer cannot be left out. */
function neededLines(hosts: readonly Host[], problems: readonly Problem[]): string[] {
  const off = problems.filter(({ code, severity }) => code === 'unreachable' && severity === 'error');
  const needed = hosts.filter(({ name }) => off.some(({ host }) => host === name));
  if (needed.length === 0) return [];
  const names = needed.map(({ name, roles }) => `${name} (${roles.join(', ')})`).join(', ');
  return [`only hosts that just run pods can be left for later, so the deploy waits for ${names}`];
}

/** Hosts whose disks are going to be looked at, and formatted if they are blank and may be. */
function formatting(steps: PlannedChanges['steps']): ReadonlySet<string> {
  return new Set(steps.filter(({ step }) => step === 'disks').map(({ host }) => host));
}

/** The same disks for a plan, and hosts that cannot say. */
export async function blankDisksOf(
  { steps }: PlannedChanges,
  now: Date,
  { topology, folder, interruption: { signal } }: Deployment,
): Promise<{ blankDisks: BlankDisk[]; unknown: string[] }> {
  const hosts = topology.hosts.filter(
    ({ name, disks }) => formatting(steps).has(name) && disks.some(({ format }) => format !== 'never'),
  );
  const ssh = new SshClient({ folder });
  const options = { folder, hosts, ssh, timeoutMs, now: () => now.getTime(), signal };
  const found = await checkedHosts(topology, options).finally(() => ssh.close());
  return {
    blankDisks: found.flatMap(({ blankDisks }) => blankDisks),
    unknown: found.flatMap(({ host, checked, problems }) =>
      checked ? [] : [`${host.name}: it is not known which of its disks are blank: ${problems[0]?.message}`],
    ),
  };
}
