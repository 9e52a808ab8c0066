import { dirname } from 'node:path';
import type { Config } from '../../config/config';
import { loadConfig } from '../../config/load';
import type { SynthesizedStep } from '../../model/host-step';
import { KnownHosts } from '../../model/known-hosts';
import { resolve } from '../../model/resolve';
import { careOf } from '../../review/care';
import { comparedHosts, resourceOf, type Synthesis } from '../../review/compared-hosts';
import { comparedObjects } from '../../review/compared-objects';
import { KnownHostsFile } from '../../ssh/known-hosts-file';
import { synth } from '../../synth';
import { fileDifferences } from '../../terraform/applied-files';
import type { PlannedChanges } from '../../terraform/planned-changes';
import { changesOn, elsewhere } from '../deploy/changes-on';
import { planEntries } from '../deploy/plan-lines';
import { exitCodes } from '../exit-codes';
import { checkedOrReport } from '../load';
import { type Only, selectedHosts } from '../selected-hosts';
import type { Terminal } from '../terminal';
import { type Diff, diffLines } from './diff-lines';
import { diffMarkdown } from './diff-markdown';
import { type ReadCluster, readRevision } from './revision';

export interface DiffOptions {
  /** cluster.yaml, which is compared with itself in a revision. */
  readonly file: string;
  /** The revision; with `to`, the first of two files. @default - HEAD */
  readonly from?: string | undefined;
  /** The second of two files. */
  readonly to?: string | undefined;
  readonly format: 'text' | 'markdown' | 'json';
  /** Names, groups and ranges of the hosts to show. @default - all */
  readonly hosts?: string | undefined;
}

export interface DiffContext {
  /** Environment that git is run in. */
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * `k3s-cdk diff`: what the way from one cluster.yaml to another does, from the files alone. Returns the exit code.
 *
 * @throws UserError when git does not have the revision
 */
export async function diffCommand(
  { file, from = 'HEAD', to, format, hosts: list }: DiffOptions,
  { environment }: DiffContext,
  terminal: Terminal,
): Promise<number> {
  const old = to === undefined ? await readRevision(file, from, environment) : readFile(from, terminal);
  const now = readFile(to ?? file, terminal);
  // With those of one alone, each machine would be another.
  const withKeys = old.knownHosts !== '' && now.knownHosts !== '';
  const [before, after] = [old, now].map((cluster) => synthesis(cluster, withKeys, terminal));
  if (!before || !after) {
    terminal.error(
      `error: ${before ? now.name : old.name} cannot be compared, because of what is wrong with it`,
    );
    return exitCodes.failed;
  }
  const selected = selectedHosts(list, after.config, terminal);
  if (!selected) return exitCodes.failed;
  const { only } = selected;
  const diff = compared(before, after, only);
  const { joining, leaving, dropped, steps } = changesOn(diff.hosts, only);
  terminal.report({
    ...{ from: old.name, to: now.name, care: diff.care },
    hosts: { joining, leaving, dropped, steps },
    effects: diff.entries.flatMap(({ title, effects }) =>
      effects.map(({ does, outage }) => ({ step: title, does, ...(outage && { outage }) })),
    ),
    cluster: { objects: diff.objects.map(({ object, change, fields }) => ({ object, change, fields })) },
  });
  if (format === 'markdown') terminal.output(diffMarkdown(diff, old.name));
  else for (const line of diffLines(diff)) terminal.print(line);
  return diff.hosts.any || diff.objects.length > 0 ? exitCodes.changes : 0;
}

function compared(before: Synthesis, after: Synthesis, only: Only): Diff {
  const hosts = comparedHosts(before, after);
  const objects = comparedObjects(before.cluster, after.cluster);
  const last = new Map(before.steps.map((step) => [resourceOf(step), step]));
  const files = ({ files, reviewed }: SynthesizedStep) => ({ ...files, ...reviewed });
  const entriesOf = (changes: PlannedChanges) =>
    planEntries(changes, after, {
      differences: (step) => {
        const known = last.get(resourceOf(step));
        return known && fileDifferences(files(known), files(step));
      },
    });
  const all = entriesOf(hosts);
  const restarts = all.flatMap(({ title, effects }) =>
    effects.flatMap(({ care, does }) => (care ? [`${title}: ${does}`] : [])),
  );
  const care = [...careOf(before.topology, after.topology, hosts, objects), ...restarts];
  const entries = only ? entriesOf(changesOn(hosts, only)) : all;
  return { name: after.topology.name, hosts, entries, elsewhere: elsewhere(hosts, only), objects, care };
}

function readFile(file: string, terminal: Terminal): ReadCluster {
  const name = terminal.display(file);
  return { name, loaded: loadConfig(file, name), knownHosts: new KnownHostsFile(dirname(file)).read() };
}

function synthesis(
  { name, loaded, knownHosts }: ReadCluster,
  withKeys: boolean,
  terminal: Terminal,
): (Synthesis & { readonly config: Config }) | undefined {
  const config = checkedOrReport(loaded, name, terminal);
  if (!config) return undefined;
  const topology = resolve(config, new KnownHosts(withKeys ? knownHosts : ''));
  const { hosts, cluster, steps } = synth(topology);
  return { config, topology, steps, hosts, cluster };
}
