import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { UserError } from '../../user-error';

interface Holder {
  readonly pid: number;
  readonly who: string;
  readonly host: string;
  readonly since: string;
}

/**
 * Keeps a second deploy out of the same folder: it would change the files that the first one is uploading. Terraform's own
 * lock is held only while Terraform runs.
 *
 * @returns what lets the next one in
 * @throws UserError when somebody else is at it
 */
export function lockDeploys(path: string, now: Date): () => void {
  const own: Holder = {
    pid: process.pid,
    who: userInfo().username,
    host: hostname(),
    since: now.toISOString(),
  };
  for (let attempt = 0; ; attempt += 1) {
    if (makeWhole(path, JSON.stringify(own))) return () => rmSync(path, { force: true });
    const holder = readHolder(path);
    // Left by one that was killed.
    const isLeft = !holder || (holder.host === own.host && !isRunning(holder.pid));
    if (!isLeft || attempt > 0)
      throw new UserError(
        `${holder?.who}@${holder?.host} has been deploying from this folder since ${holder?.since} (process ${holder?.pid}): wait until that has ended; if it has, delete '${path}'`,
      );
    rmSync(path, { force: true });
  }
}

/** Makes a file with its content at once; false when there is one. */
function makeWhole(path: string, text: string): boolean {
  const next = `${path}.${process.pid}`;
  try {
    writeFileSync(next, text, { mode: 0o600 });
    linkSync(next, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(next, { force: true });
  }
}

/** Undefined if it is gone or damaged. */
function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It runs as another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
