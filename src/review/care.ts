import { fixedSettings } from '../model/fixed-settings';
import { nameList } from '../model/host-groups';
import type { Topology } from '../model/topology';
import { outages } from '../roles/outages';
import type { PlannedChanges } from '../terraform/planned-changes';
import type { ChangedObject } from './compared-objects';

/** Kinds whose objects take data or other objects along. */
const takesAlong: Readonly<Record<string, string>> = {
  Namespace: 'everything in it is deleted, also what was not deployed from here',
  PersistentVolumeClaim: 'its volume is released, and the data goes by the reclaim policy',
  PersistentVolume: 'who uses it loses it',
  CustomResourceDefinition: 'every object of that kind is deleted',
  HelmChart: 'its release is uninstalled',
};

/** What a reviewer should know of a change before it is merged, besides what its steps do. */
export function* careOf(
  before: Topology,
  after: Topology,
  { leaving }: PlannedChanges,
  objects: readonly ChangedObject[],
): Iterable<string> {
  if (before.name !== after.name)
    yield `the name of the cluster changes from '${before.name}' to '${after.name}': deploy refuses that, because the state goes by the name`;
  yield* ofSettings(before, after);
  yield* ofVersions(before, after);
  if (before.api.url !== after.api.url)
    yield `the API moves from ${before.api.url} to ${after.api.url}: whoever has a kubeconfig needs a new one`;
  yield* ofLeaving(leaving, before, after);
  yield* ofData('database', before.databases, after.databases);
  const [left, taken] = [externalOf(before), externalOf(after)];
  if (left !== undefined && left !== taken)
    yield `k3s leaves the external database ${left}${taken === undefined ? '' : ` for ${taken}`}, and its data stays there: deploy refuses an empty one until the data has been moved`;
  yield* ofData('nfs', hostOf(before), hostOf(after));
  for (const { object, kind, change } of objects)
    if (change === 'pruned' && takesAlong[kind] !== undefined)
      yield `${object} is deleted: ${takesAlong[kind]}`;
}

function hostOf({ nfs }: Topology) {
  return nfs ? [nfs.host] : [];
}

/** `k3s at db.example.net:5432`. */
function externalOf({ database: { external, name, addresses } }: Topology): string | undefined {
  return external && `${name} at ${addresses.join(', ')}`;
}

function* ofSettings(before: Topology, after: Topology): Iterable<string> {
  const [old, now] = [fixedSettings(before), fixedSettings(after)];
  for (const name of Object.keys(now) as (keyof typeof now)[])
    if (old[name] !== now[name])
      yield `'${name}' changes from ${old[name]} to ${now[name]}: deploy refuses that, because a running cluster keeps it`;
}

function* ofVersions(before: Topology, after: Topology): Iterable<string> {
  const [old, now] = [before, after].map(
    ({ k3s }) => /^v1\.(\d+)\.(\d+)\+k3s(\d+)$/.exec(k3s.version)?.slice(1).map(Number) ?? [],
  );
  const [[was = 0, ...rest] = [], [is = 0, ...others] = []] = [old, now];
  const step = `k3s goes from ${before.k3s.version} to ${after.k3s.version}`;
  if (is > was + 1) yield `${step} and skips a minor version: deploy refuses that`;
  else if (is > was) yield `${step}, over a minor version: the way back is a backup`;
  else if (is < was || isOlder(others, rest)) yield `${step}, an older release: deploy refuses that`;
  const [from, to] = [before, after].map(({ databases, database }) =>
    databases.length > 0 ? /:(\d+)[^/]*$/.exec(database.image)?.[1] : undefined,
  );
  if (from !== undefined && to !== undefined && from !== to && !after.database.cluster)
    yield `Postgres goes from ${from} to ${to}: its data is dumped and loaded, without the API for that time (measured: ${outages['Postgres 15 to 17']}); make a backup before`;
}

/** Of the numbers of two releases of a minor version. */
function isOlder(numbers: readonly number[], than: readonly number[]): boolean {
  const index = numbers.findIndex((number, at) => number !== than[at]);
  return index >= 0 && (numbers[index] ?? 0) < (than[index] ?? 0);
}

function* ofLeaving(names: readonly string[], before: Topology, after: Topology): Iterable<string> {
  const gone = (hosts: Topology['hosts']) =>
    hosts.flatMap(({ name }) => (names.includes(name) ? [name] : []));
  const [servers, agents] = [gone(before.servers), gone(before.agents)];
  const [leave, are] = servers.length === 1 ? ['leaves', 'is a server'] : ['leave', 'are servers'];
  if (servers.length > 0)
    yield `${nameList(servers)} ${leave}, which ${are}: ${after.servers.length} of ${before.servers.length} remain`;
  if (agents.length > 0)
    yield `${nameList(agents)} ${agents.length === 1 ? 'leaves: its' : 'leave: their'} pods start again on other nodes, if these have room`;
}

/** Data stays where it is. */
function* ofData(
  role: 'database' | 'nfs',
  before: readonly { readonly name: string }[],
  after: readonly { readonly name: string }[],
): Iterable<string> {
  const stay = before.filter((host) => after.some(({ name }) => name === host.name));
  for (const { name } of before)
    if (!after.some((host) => host.name === name))
      yield stay.length > 0
        ? `${name} is no longer a host with the role '${role}': its data stays there`
        : `the role '${role}' moves away from ${name}, and its data does not: deploy refuses that until the data has been moved`;
}
