import type { LabHost } from '../lab-host';

/** What a host's policy has denied, each once, as `comm: source → target { class permission }`. */
export async function denials(host: LabHost): Promise<string[]> {
  // The oldest last: auditd numbers files that are full.
  const { stdout } = await host.exec("cat /var/log/audit/audit.log* | grep -E 'avc: +denied' || true");
  const found = stdout.split('\n').flatMap((line) => readDenial(line) ?? []);
  return [...new Set(found)].sort();
}

/** A line of the audit log; undefined if it is none of a denial. */
export function readDenial(line: string): string | undefined {
  const permissions = /avc: +denied +\{ ([^}]*) \}/.exec(line)?.[1];
  if (permissions === undefined) return undefined;
  const type = (name: string) => new RegExp(` ${name}=[^:]+:[^:]+:([^:\\s]+)`).exec(line)?.[1] ?? '?';
  const program = / comm="?([^"\s]+)/.exec(line)?.[1] ?? / exe="?([^"\s]+)/.exec(line)?.[1] ?? '?';
  const kind = / tclass=(\w+)/.exec(line)?.[1] ?? '?';
  return `${program}: ${type('scontext')} → ${type('tcontext')} { ${kind} ${permissions} }`;
}
