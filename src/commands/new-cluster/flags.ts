import { dnsLabel, ipAddress } from '../../config/schema/primitives';
import { canonicalAddress, familyOf, parseRange } from '../../net/address';
import { place, placeProblem, problem } from './hosts';

/** Options of `init` that describe a new cluster. */
export interface ClusterFlags {
  readonly name?: string;
  readonly user?: string;
  readonly sshKey?: string;
  /** `ADDRESS` or `NAME=ADDRESS`, as for the other hosts. */
  readonly server: readonly string[];
  readonly agent: readonly string[];
  readonly database?: string;
  /** A host, or `none`. */
  readonly nfs?: string;
  readonly vip?: string;
  readonly pool: readonly string[];
}

/** Whether anything at all is said about a new cluster. */
export function hasFlags(flags: ClusterFlags): boolean {
  const { server, agent, pool, ...others } = flags;
  return [server, agent, pool].some((list) => list.length > 0) || Object.values(others).some(Boolean);
}

/** Everything that is wrong with the options themselves, a sentence each. */
export function flagProblems(flags: ClusterFlags): string[] {
  const { name, server, agent, database, nfs, vip, pool } = flags;
  const hosts = [
    ...server.map((text) => ['--server', text]),
    ...agent.map((text) => ['--agent', text]),
    ...(database === undefined ? [] : [['--database', database]]),
    ...(nfs === undefined || nfs === 'none' ? [] : [['--nfs', nfs]]),
  ] as [string, string][];
  return [
    ...(name === undefined ? [] : nameProblem(name)),
    ...hosts.flatMap(([flag, text]) => prefixed(flag, placeProblem(text))),
    ...(vip === undefined ? [] : prefixed('--vip', problem(ipAddress, vip))),
    ...pool.flatMap((range) => prefixed('--pool', poolProblem(range))),
    ...hostsProblems(server, []).flatMap((sentence) => prefixed('--server', sentence)),
    ...hostsProblems(agent, server).flatMap((sentence) => prefixed('--agent', sentence)),
  ];
}

/** Why a text is not a valid cluster name, with a valid one. */
export function nameProblem(name: string): string[] {
  const sentence = problem(dnsLabel, name);
  if (sentence === undefined) return [];
  const slug = asName(name);
  return [`name of the cluster: ${sentence}${slug === undefined ? '' : `, such as '${slug}'`}`];
}

/** The nearest valid name; undefined when nothing is left. */
export function asName(text: string): string | undefined {
  const slug = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
  return slug === '' ? undefined : slug;
}

/** Why a text is not a pool; undefined when it is one. */
export function poolProblem(text: string): string | undefined {
  if (/[-/]/.test(text) && parseRange(text)) return undefined;
  return `'${text}' is not a range of addresses: write it like 192.168.10.200-192.168.10.220`;
}

/** Why texts that are valid hosts conflict with each other. @param servers existing hosts */
export function hostsProblems(texts: readonly string[], servers: readonly string[]): string[] {
  const again = texts.filter((text, i) => texts.slice(0, i).some((other) => sameHost(text, other)));
  const both = texts.filter((text) => servers.some((other) => sameHost(text, other)));
  return [
    ...again.map((text) => `'${place(text).address}' is given twice`),
    ...both.map(
      (text) => `'${place(text).address}' is a server already, and a server runs pods too: leave it out here`,
    ),
  ];
}

function prefixed(flag: string, sentence: string | undefined): string[] {
  return sentence === undefined ? [] : [`${flag}: ${sentence}`];
}

export function sameHost(a: string, b: string): boolean {
  const [left, right] = [place(a).address, place(b).address];
  return familyOf(left) !== undefined && canonicalAddress(left) === canonicalAddress(right);
}
