import type { ChangedObject, FieldChange } from '../../review/compared-objects';
import type { PlannedChanges } from '../../terraform/planned-changes';
import { entryLines, objectLine, type PlanEntry, sectionLines } from '../deploy/plan-lines';

/** What the way from one cluster.yaml to another does. */
export interface Diff {
  /** Of the cluster. */
  readonly name: string;
  readonly hosts: PlannedChanges;
  readonly entries: readonly PlanEntry[];
  /** That more happens on hosts than the entries say. */
  readonly elsewhere: readonly string[];
  readonly objects: readonly ChangedObject[];
  /** What needs care, in sentences. */
  readonly care: readonly string[];
}

/** More fields of one object than this are for a diff of `dist`. */
const shownFields = 12;
const shownCharacters = 80;

/** For a terminal. */
export function diffLines(diff: Diff): string[] {
  return [
    ...(diff.care.length > 0 ? sectionLines('needs care', diff.care) : []),
    ...sectionLines('hosts', [...diff.entries.flatMap(entryLines), ...unseen(diff)]),
    ...sectionLines(
      'cluster',
      diff.objects.flatMap((object) => [
        objectLine(object),
        ...fieldLines(object).map((line) => `    ${line}`),
      ]),
    ),
  ];
}

/** Changes on other hosts than are shown, or of how Terraform works, of which hosts see nothing. */
export function unseen({ entries, elsewhere, hosts }: Diff): readonly string[] {
  if (elsewhere.length > 0) return elsewhere;
  return hosts.any && entries.length === 0
    ? ['no step runs: what changes is how Terraform reaches hosts, or what it checks']
    : [];
}

/** `- spec.addresses: 192.168.10.200-192.168.10.220`. */
export function fieldLines({ kind, fields }: ChangedObject): string[] {
  const lines = fields.flatMap((field) => [
    ...('before' in field ? [`- ${fieldText(kind, field.path, field.before)}`] : []),
    ...('after' in field ? [`+ ${fieldText(kind, field.path, field.after)}`] : []),
  ]);
  const more = lines.length > shownFields ? [`… ${lines.length - shownFields} more lines`] : [];
  return [...lines.slice(0, shownFields), ...more];
}

function fieldText(kind: string, path: FieldChange['path'], value: unknown): string {
  const text = kind === 'Secret' ? '(hidden)' : typeof value === 'string' ? value : JSON.stringify(value);
  const line = text.replaceAll('\n', '⏎');
  return `${path}: ${line.length > shownCharacters ? `${line.slice(0, shownCharacters)}…` : line}`;
}
