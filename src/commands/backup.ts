import { createHash } from 'node:crypto';
import { createWriteStream, existsSync, linkSync, rmSync } from 'node:fs';
import { resolve as absolute, dirname } from 'node:path';
import { Transform } from 'node:stream';
import { finished } from 'node:stream/promises';
import { BackupError } from '../recovery/backup-file';
import { type DatabaseHost, primaryOf } from '../recovery/database-host';
import { SshClient } from '../ssh/client';
import { SshError } from '../ssh/ssh-error';
import { loadOrReport } from './load';
import type { Terminal } from './terminal';
import { topologyOf } from './topology';

export interface BackupOptions {
  /** cluster.yaml. */
  readonly file: string;
  /** File to write. @default - named after cluster and time, in the current folder */
  readonly output?: string;
}

export interface BackupContext {
  readonly now: Date;
  /** @default - OpenSSH */
  readonly ssh?: Pick<SshClient, 'run' | 'close'>;
}

/** `k3s-cdk backup`: makes a backup of the database and brings it here. Returns the exit code. */
export async function backupCommand(
  options: BackupOptions,
  context: BackupContext,
  terminal: Terminal,
): Promise<number> {
  const config = loadOrReport(options.file, 'text', terminal);
  if (!config) return 1;
  const topology = topologyOf(config, options.file, terminal);
  const encrypted = topology.database.backup.recipients.length > 0;
  const stamp = context.now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const target = absolute(options.output ?? `${topology.name}-${stamp}.tar${encrypted ? '.cms' : ''}`);
  if (existsSync(target)) {
    terminal.error(`error: '${terminal.display(target)}' exists already: give another name with --output`);
    return 1;
  }
  const ssh = context.ssh ?? new SshClient({ folder: absolute(dirname(options.file)) });
  const partial = `${target}.part`;
  try {
    const bytes = await fetchBackup(await primaryOf(topology.databases, ssh), partial);
    // Unlike a rename, a link never replaces.
    linkSync(partial, target);
    terminal.print(`made ${terminal.display(target)} (${Math.ceil(bytes / 1024)} KiB)`);
    if (!encrypted)
      terminal.print(
        `it is not encrypted and holds the token of k3s: who has it has the cluster ('database.backup.recipients' encrypts backups)`,
      );
    return 0;
  } catch (error) {
    if (!(error instanceof BackupError || error instanceof SshError || isFileError(error))) throw error;
    terminal.error(`error: ${error.message}`);
    return 1;
  } finally {
    rmSync(partial, { force: true });
    await ssh.close();
  }
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

/** Returns how many bytes have come. */
async function fetchBackup(database: DatabaseHost, path: string): Promise<number> {
  const hash = createHash('sha256');
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  rmSync(path, { force: true });
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true });
  const written = finished(counted.pipe(file));
  // A full disk here ends it there.
  const broken = new AbortController();
  written.catch((error) => broken.abort(error));
  try {
    const expected = await database.makeBackup(counted, broken.signal);
    counted.end();
    await written;
    if (hash.digest('hex') !== expected)
      throw new BackupError('the backup was damaged on its way here: run the command again');
    return bytes;
  } finally {
    counted.destroy();
    file.destroy();
  }
}
