import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { validateCommand } from '../../src/commands/validate';
import type { Issue } from '../../src/config/issue';
import { RecordingTerminal } from './recording-terminal';

/** A small cluster with MetalLB; sections of a test begin in line 8. */
function clusterWith(sections: string): string {
  const k3s = /^k3s:/m.test(sections) ? '' : 'k3s: { version: v1.36.2+k3s1 }';
  const metallb = /^metallb:/m.test(sections)
    ? ''
    : 'metallb: { pools: [{ name: lan, addresses: [192.168.10.200-192.168.10.220] }] }';
  return `name: test
ssh: { user: pi }
hosts:
  - { name: server1, address: 192.168.10.11, roles: [server, database, nfs] }
${k3s}
${metallb}

${sections}`;
}

/**
 * What `validate` says of such a cluster: `cluster.yaml:8:3: error: sentence (hint)`.
 *
 * @param files beside it
 */
export function validated(
  folder: string,
  sections: string,
  files: Readonly<Record<string, string>> = {},
): string[] {
  for (const [name, text] of Object.entries({ ...files, 'cluster.yaml': clusterWith(sections) })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const terminal = new RecordingTerminal(folder);
  const exitCode = validateCommand(join(folder, 'cluster.yaml'), terminal);
  const issues = terminal.reported.flatMap(({ problems = [] }) => problems as readonly Issue[]);
  expect(exitCode).toBe(issues.some(({ severity }) => severity === 'error') ? 1 : 0);
  return issues.map(
    ({ file, line, column, severity, message, hint }) =>
      `${file}:${line}:${column}: ${severity}: ${message}${hint === undefined ? '' : ` (${hint})`}`,
  );
}
