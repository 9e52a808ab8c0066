import type { Diagnostic } from './messages';

/** A diagnostic about nothing that happened on a host, in a sentence that says what to do. */
export function explainDiagnostic({ summary, detail }: Diagnostic): string {
  if (summary === 'Error acquiring the state lock') return lockedBy(detail);
  if (summary === 'Saved plan is stale')
    return 'somebody else has applied in the meantime, so what was planned is out of date: deploy again';
  // Written by us, for people: which file a step needs, and how to get it.
  if (summary === 'Resource precondition failed' || summary === 'Invalid value for variable')
    return detail.split('\n\nThis was checked by')[0] ?? detail;
  const isProvider = / provider/i.test(summary) && /query|resolve|install|required/i.test(summary);
  if (isProvider && !/checksum|signature|signed/i.test(detail))
    return `${sentence(summary, detail)}\nthe null provider cannot be downloaded here: let this machine reach the registry, name a mirror in Terraform's CLI configuration, or set 'provisioner: builtin' in cluster.yaml, which needs none`;
  return sentence(summary, detail);
}

function sentence(summary: string, detail: string): string {
  return detail === '' ? summary : `${summary}: ${inOneLine(detail)}`;
}

/** Who holds the lock, according to Terraform, if it knows. */
function lockedBy(detail: string): string {
  const lines = detail.split('\n').map((line) => line.trim());
  const field = (name: string) =>
    lines
      .find((line) => line.startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim() || undefined;
  const who = field('Who');
  if (who === undefined) return `the state is locked by an unknown process: ${sentence('', detail)}`;
  const since = field('Created')?.replace(/\.\d+ \+0000 UTC$/, ' UTC');
  return `${who} has been working on this cluster since ${since ?? 'a while'} (${field('Operation')?.replace('OperationType', '').toLowerCase() ?? 'terraform'}), and two at once would interfere with each other: wait until that has ended, then deploy again`;
}

function inOneLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '').join(' ');
}
