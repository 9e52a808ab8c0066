import type { Diagnostic } from './messages';

/** A diagnostic about nothing that happened on a host, in a sentence that says what to do. */
export function explainDiagnostic({ summary, detail }: Diagnostic): string {
  if (summary === 'Error acquiring the state lock') return lockedBy(detail);
  if (summary === 'Saved plan is stale')
    return 'somebody else has applied in the meantime, so what was planned is out of date: deploy again';
  // Written by us, for people: which file a step needs, and how to get it.
  if (/ precondition failed$/.test(summary) || summary === 'Invalid value for variable')
    return detail.split('\n\nThis was checked by')[0] ?? detail;
  const isProvider = / provider/i.test(summary) && /query|resolve|install|required/i.test(summary);
  if (isProvider && !/checksum|signature|signed/i.test(detail))
    return `${sentence(summary, detail)}\nthe null provider cannot be downloaded here: let this machine reach the registry, name a mirror in Terraform's CLI configuration, or set 'provisioner: builtin' in cluster.yaml, which needs none`;
  return sentence(summary, detail);
}

function sentence(summary: string, detail: string): string {
  return detail === '' ? summary : `${summary}: ${inOneLine(detail)}`;
}

const alone = 'and two at once would interfere with each other: wait until that has ended, then deploy again';

/** Who holds the lock, according to Terraform, if it knows, and what to do if that is dead. */
function lockedBy(detail: string): string {
  // What these two backends tell of the lock is of whoever is asking.
  if (/Workspace is already locked|Already locked for workspace creation/.test(detail))
    return `somebody else is working on this cluster, ${alone}. In the database, 'SELECT usename, client_addr, backend_start FROM pg_stat_activity JOIN pg_locks USING (pid) WHERE locktype = 'advisory'' shows from where and since when; the lock ends with that connection, so a dead one needs no unlocking`;
  const [, ofHttp] = /HTTP remote state already locked: ID=(\S+)/.exec(detail) ?? [];
  if (ofHttp !== undefined)
    return `somebody else is working on this cluster (${ofHttp}; the server that keeps the state may tell who), ${alone}${unlock(ofHttp)}`;
  const lines = detail.split('\n').map((line) => line.trim());
  const field = (name: string) =>
    lines
      .find((line) => line.startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim() || undefined;
  const who = field('Who');
  if (who === undefined) return `the state is locked by an unknown process: ${sentence('', detail)}`;
  const since = field('Created')?.replace(/\.\d+ \+0000 UTC$/, ' UTC');
  return `${who} has been working on this cluster since ${since ?? 'a while'} (${field('Operation')?.replace('OperationType', '').toLowerCase() ?? 'terraform'}), ${alone}${unlock(field('ID'))}`;
}

function unlock(id: string | undefined): string {
  if (id === undefined || !/^[\w.:/+=-]+$/.test(id)) return '';
  return `. If it died without letting go, 'terraform -chdir=cdktf.out/stacks/hosts force-unlock ${id}' lets you in, and the next deploy asks the hosts what it had finished`;
}

function inOneLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '').join(' ');
}
