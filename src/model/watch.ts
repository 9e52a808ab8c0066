import { secretsFolder, tokenFile } from './secrets';
import type { Host, Topology } from './topology';

/** Whom hosts call: somebody who expects a call as long as the API answers, and somebody who hears of problems. */
export type Call = 'heartbeat' | 'problems';

/** The user's files with the addresses. Paths are as in secrets.ts. */
export const watchOriginals: Readonly<Record<Call, string>> = {
  heartbeat: `${secretsFolder}/watch-heartbeat`,
  problems: `${secretsFolder}/watch-problems`,
};

/** An address may be guessed: its hash is salted with this. */
export const watchSalt = tokenFile;

/** The calls that a host makes. That the API answers is for servers to say. */
export function callsOf({ kind }: Pick<Host, 'kind'>, { watch }: Pick<Topology, 'watch'>): readonly Call[] {
  return (watch?.calls ?? []).filter((call) => call === 'problems' || kind === 'server');
}

/** What their steps upload: one folder for all servers, one for all others. */
export function watchUpload({ kind }: Pick<Host, 'kind'>): string {
  return `${secretsFolder}/watch/${kind === 'server' ? 'servers' : 'others'}`;
}
