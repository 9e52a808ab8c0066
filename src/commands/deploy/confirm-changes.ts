import type { ObjectName } from '../../kubectl/objects';
import { objectText } from '../../kubectl/objects';
import { nameList } from '../../model/host-groups';
import { type BlankDisk, blankDiskText } from '../../preflight/blank-disk';
import { count } from '../../status/figures';
import type { PlannedChanges } from '../../terraform/planned-changes';
import { DeployError } from './deploy-error';
import type { Deployment } from './deployment';
import { leavingLines } from './plan-lines';

export interface ConfirmOptions {
  /** Answers the questions about removing hosts and objects, and about formatting disks. */
  readonly yes: boolean;
  /** Answers the question about abandoning a database. */
  readonly replaceDatabase: boolean;
}

const listed = 20;

/**
 * Asks before hosts leave, but not before additions and changes.
 *
 * @param dead leaving hosts that do not answer, with the reason
 * @throws DeployError if the answer is no
 */
export async function confirmHosts(
  changes: PlannedChanges,
  dead: ReadonlyMap<string, string>,
  { yes, replaceDatabase }: ConfirmOptions,
  deployment: Deployment,
): Promise<void> {
  const { leaving, dropped, steps } = changes;
  // One of several hands over to the others before it leaves.
  const others = steps.some(({ step, kind }) => step === 'database' && kind !== 'first');
  for (const { host } of others ? [] : dropped.filter(({ step }) => step === 'database'))
    await ask(
      [
        `${host} will no longer be the database: k3s starts with the database of another host, and if that is empty, with an empty cluster.`,
        `The data on ${host} stays there. Move it first: dump it on ${host} and restore it on the new host.`,
      ],
      ['replace the database?', `really continue without the data of ${host}?`],
      { given: replaceDatabase, option: '--replace-database' },
      deployment,
    );
  if (leaving.length > 0)
    await ask(
      leavingLines(changes, dead).map((line) => `${line}.`),
      [`remove ${nameList(leaving)}?`],
      { given: yes, option: '--yes' },
      deployment,
    );
}

/**
 * Asks before disks are formatted: cluster.yaml may name a wrong one. @throws DeployError if the answer is no
 */
export async function confirmFormats(
  disks: readonly BlankDisk[],
  { yes }: ConfirmOptions,
  deployment: Deployment,
): Promise<void> {
  if (disks.length === 0) return;
  await ask(
    disks.map(blankDiskText),
    [`format ${count(disks.length, 'disk')}?`],
    { given: yes, option: '--yes' },
    deployment,
    'stopped: nothing was changed on any host',
  );
}

/** Asks before objects are deleted from the cluster. @throws DeployError if the answer is no */
export async function confirmPruned(
  pruned: readonly ObjectName[],
  { yes }: ConfirmOptions,
  deployment: Deployment,
): Promise<void> {
  if (pruned.length === 0) return;
  const names = pruned.slice(0, listed).map((object) => `  ${objectText(object)}`);
  const more = pruned.length > listed ? [`  … and ${pruned.length - listed} more`] : [];
  const namespaces = pruned.some(({ kind }) => kind === 'Namespace')
    ? ['A namespace takes along everything that is in it, also what was not deployed from here.']
    : [];
  await ask(
    ['no longer in dist, and will be deleted from the cluster:', ...names, ...more, ...namespaces],
    [`delete ${pruned.length} ${pruned.length === 1 ? 'object' : 'objects'}?`],
    { given: yes, option: '--yes' },
    deployment,
  );
}

async function ask(
  facts: readonly string[],
  questions: readonly string[],
  { given, option }: { given: boolean; option: string },
  { view, confirm }: Deployment,
  stopped = 'stopped: nothing was removed',
): Promise<void> {
  view.end('done');
  for (const fact of facts) view.note(fact);
  if (given) return;
  if (!confirm)
    throw new DeployError([
      `error: this needs confirmation, and there is no terminal to ask on: run it again with ${option}`,
    ]);
  for (const question of questions) if (!(await confirm(question))) throw new DeployError([stopped]);
}
