import type { SecretsReport } from '../secrets/report';
import type { Terminal } from './terminal';

/** One row per folder and kind of change: kind, folder, names. */
export function changes(report: SecretsReport): string[][] {
  const rows = new Map<string, string[]>();
  for (const { kind, path } of report.changes) {
    const slash = path.lastIndexOf('/', path.length - 2) + 1;
    const [folder, name] = [path.slice(0, slash), path.slice(slash)];
    const row = rows.get(`${kind} ${folder}`);
    if (row) row[2] += ` ${name}`;
    else rows.set(`${kind} ${folder}`, [kind, folder, name]);
  }
  return [...rows.values()];
}

/** What a person has to decide on, and files that nothing uses. */
export function reportFindings(report: SecretsReport, terminal: Terminal): void {
  for (const { severity, message } of report.findings) terminal.error(`${severity}: ${message}`);
  if (report.unused.length > 0)
    terminal.error(
      `warning: nothing in the cluster uses these any more; delete them when the hosts are gone for good:\n${report.unused.map((path) => `  ${path}`).join('\n')}`,
    );
}
