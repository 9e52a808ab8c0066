import type { Lab } from '../lab';

/**
 * What a host's policy has denied, each once, as `comm: source → target { class permission }`. systemd's user managers say
 * so in the journal alone. Asked over SSH: the lab's own way in is confined.
 */
export async function denials(lab: Lab, name: string): Promise<string[]> {
  const logs = 'cat /var/log/audit/audit.log*; journalctl --output cat --no-pager';
  const { stdout } = await lab.ssh(name, `sudo sh -c '${logs}' | grep -E 'avc: +denied' || true`);
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
