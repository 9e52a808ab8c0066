import { posix } from 'node:path';

/** The word before the names of the user's own steps, in plans and on hosts: ours have none with it. */
export const ownPrefix = 'own-';

/** What the user's own steps can come after, besides each other: steps of hosts before their roles, and roles. */
export const anchors = {
  machine: ['prepare', 'disks', 'firewall'],
  roles: ['database', 'nfs', 'k3s'],
} as const;

/** Our libraries that the user's scripts can source. */
export const ownLibraries = ['lib.sh', 'lib-packages.sh', 'lib-systemd.sh'] as const;

/** The name of a step without the prefix. */
export function ownStepName({ name, run }: { readonly name?: string | undefined; readonly run: string }) {
  return name ?? posix.basename(run).replace(/\.sh$/, '');
}

/** Names of the libraries that a script sources. */
export function librariesIn(text: string): string[] {
  return [...text.matchAll(/^\s*(?:\.|source)\s+"?\$\{?here\}?\/(lib[\w.-]*)"?\s*$/gm)].map(
    ([, name = '']) => name,
  );
}
