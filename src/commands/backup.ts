import { createHash } from 'node:crypto';
import {
  constants,
  copyFileSync,
  createWriteStream,
  existsSync,
  linkSync,
  openSync,
  rmSync,
  statSync,
} from 'node:fs';
import { resolve as absolute, basename, dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { finished } from 'node:stream/promises';
import { type DatabaseHost, primaryOf } from '../recovery/database-host';
import { SshClient } from '../ssh/client';
import { UserError } from '../user-error';
import { loadOrReport } from './load';
import { outputFileError } from './output-file';
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
  /** Ends it early. @default none */
  readonly signal?: AbortSignal | undefined;
  /** @default - OpenSSH */
  readonly ssh?: Pick<SshClient, 'run' | 'close'>;
}

/** `k3s-cdk backup`: backs up the database and downloads the backup. Returns the exit code. */
export async function backupCommand(
  options: BackupOptions,
  context: BackupContext,
  terminal: Terminal,
): Promise<number> {
  const config = loadOrReport(options.file, terminal);
  if (!config) return 1;
  const topology = topologyOf(config, options.file, terminal);
  const encrypted = topology.database.backup.recipients.length > 0;
  const stamp = context.now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const shown = options.output ?? `${topology.name}-${stamp}.tar${encrypted ? '.cms' : ''}`;
  const target = absolute(shown);
  if (existsSync(target)) {
    terminal.error(
      statSync(target).isDirectory()
        ? `error: '${shown}' is a folder: name a file in it`
        : `error: '${shown}' exists already: give another name with --output`,
    );
    return 1;
  }
  // A name that no other program uses for a file.
  const partial = join(dirname(target), `.${basename(target)}.k3s-cdk-part-${process.pid}`);
  const file = openPartial(partial, shown, terminal);
  if (file === undefined) return 1;
  const ssh =
    context.ssh ??
    new SshClient({
      folder: absolute(dirname(options.file)),
      signal: context.signal,
    });
  try {
    const bytes = await terminal.during('backing up the database', async () =>
      fetchBackup(await primaryOf(topology, ssh), file),
    );
    publish(partial, target);
    terminal.report({ file: target, bytes, encrypted });
    terminal.print(`created ${terminal.display(target)} (${Math.ceil(bytes / 1024)} KiB)`);
    if (!encrypted)
      terminal.print(
        `it is not encrypted and holds the token of k3s: whoever has it controls the cluster ('database.backup.recipients' encrypts backups)`,
      );
    return 0;
  } catch (error) {
    const reason = error instanceof UserError ? error.message : outputFileError(error, shown);
    if (reason === undefined) throw error;
    terminal.error(`error: ${reason}`);
    return 1;
  } finally {
    rmSync(partial, { force: true });
    await ssh.close();
  }
}

/**
 * Opened before a host makes a backup that cannot be kept; undefined if it cannot be opened, which has been
 * reported.
 */
function openPartial(path: string, shown: string, terminal: Terminal): number | undefined {
  try {
    rmSync(path, { force: true });
    return openSync(path, 'wx', 0o600);
  } catch (error) {
    const reason = outputFileError(error, shown);
    if (reason === undefined) throw error;
    terminal.error(`error: ${reason}`);
    return undefined;
  }
}

/** Unlike a rename, neither replaces an existing file; some file systems have no links. */
function publish(partial: string, target: string): void {
  try {
    linkSync(partial, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
    copyFileSync(partial, target, constants.COPYFILE_EXCL);
  }
}

/** Returns the number of bytes received. */
async function fetchBackup(database: DatabaseHost, descriptor: number): Promise<number> {
  const hash = createHash('sha256');
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  const file = createWriteStream('', { fd: descriptor, flush: true });
  const written = finished(counted.pipe(file));
  // A full disk here ends the command there.
  const broken = new AbortController();
  written.catch((error) => broken.abort(error));
  try {
    const expected = await database.makeBackup(counted, broken.signal);
    counted.end();
    await written;
    if (hash.digest('hex') !== expected)
      throw new UserError('the backup was damaged on its way here: run the command again');
    return bytes;
  } finally {
    counted.destroy();
    file.destroy();
  }
}
