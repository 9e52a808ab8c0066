import { resolve } from '../model/resolve';
import { type Version, versions } from '../model/versions';
import { loadOrReport } from './load';
import { table } from './table';
import type { Terminal } from './terminal';

export interface VersionsOptions {
  /** cluster.yaml. */
  readonly file: string;
}

/** `k3s-cdk versions`: what is pinned here beside what the cluster takes. Returns the exit code. */
export function versionsCommand({ file }: VersionsOptions, terminal: Terminal): number {
  const config = loadOrReport(file, terminal);
  if (!config) return 1;
  const found = versions(resolve(config));
  terminal.report({ versions: found });
  const rows = found.map((version) => [
    version.name.replace(/^sig-storage\//, ''),
    version.pinned?.replace(/^.*:/, '') ?? '-',
    version.used === undefined ? '-' : shortened(version),
    version.used === undefined ? '' : remark(version),
  ]);
  for (const line of table([['WHAT', 'THIS TOOL', 'THIS CLUSTER', ''], ...rows])) terminal.print(line);
  if (found.some(({ used, fixedBy }) => used !== undefined && fixedBy === 'floating'))
    terminal.print('\nfloating: a tag that moves; hosts keep the digest that they pulled first');
  return 0;
}

/** Without what the previous column has; digests are shortened to what distinguishes them. */
function shortened({ pinned = '', used = '' }: Version): string {
  if (used === pinned) return 'the same';
  const text = used.startsWith(`${pinned}@`) ? used.slice(pinned.length) : used;
  return text.replace(/(@sha256:[a-f0-9]{8})[a-f0-9]+$/, '$1…');
}

function remark({ state, fixedBy }: Version): string {
  return [...(stateRemarks[state] ?? []), ...(fixedByRemarks[fixedBy] ?? [])].join(', ');
}

const stateRemarks: Readonly<Partial<Record<Version['state'], readonly string[]>>> = {
  older: ['older'],
  newer: ['newer than tested'],
};

const fixedByRemarks: Readonly<Partial<Record<Version['fixedBy'], readonly string[]>>> = {
  digest: ['by digest'],
  tag: ['by tag'],
  floating: ['floating'],
};
