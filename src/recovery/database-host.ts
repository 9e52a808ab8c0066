import { PassThrough, type Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { shellQuote } from '../model/shell-quote';
import type { Host, Topology } from '../model/topology';
import { lastLines } from '../programs/last-lines';
import type { SshClient } from '../ssh/client';
import { rootFailure } from '../ssh/root-failure';
import { UserError } from '../user-error';

/** Programs that the backup step has put on the database host. */
const programs = '/usr/local/libexec/k3s-cdk/database';

/** Exit code of the shell for a missing program. */
const notThere = 127;

/** Exit code of our own line for a user who may not use sudo. */
const notRoot = 77;

/** Exit code of the programs where another database host is the primary. */
const notThePrimary = 76;

const hour = 60 * 60 * 1000;

/** Another database host is the primary. */
export class NotThePrimary extends UserError {}

/** The database host's programs for backups do not exist yet. */
export class NoBackupPrograms extends UserError {}

/** The result of loading a backup. */
export interface LoadedBackup {
  /** It is in use, and nothing has been written since: an earlier run got this far. */
  readonly alreadyRestored: boolean;
  /** Whether k3s's CAs differ from those of the database that it replaces. */
  readonly otherAuthority: boolean;
  /** Objects in the database that it replaces. */
  readonly replaces: number;
}

/**
 * The primary among the database hosts; a single one, or the server that makes backups of an external database, without
 * asking it.
 *
 * @throws UserError if none of those that answer is the primary
 */
export async function primaryOf(
  { backupHosts }: Pick<Topology, 'backupHosts'>,
  ssh: Pick<SshClient, 'run'>,
): Promise<DatabaseHost> {
  const [first, ...others] = backupHosts.map((host) => new DatabaseHost(host, ssh));
  if (!first)
    throw new UserError(
      "backups of MySQL are neither made nor restored here: do both with the tools of its server ('mysqldump --single-transaction'), with k3s stopped on all servers for a restore, and keep 'secrets/k3s-token' with them, without which nobody can read them",
    );
  if (others.length === 0) return first;
  let failure: Error = new UserError("no database host is the primary: see 'k3s-cdk status'");
  for (const database of [first, ...others]) {
    try {
      if (await database.isPrimary()) return database;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      failure = error;
    }
  }
  throw failure;
}

/** The backups' programs on the database host. */
export class DatabaseHost {
  constructor(
    readonly host: Host,
    private readonly ssh: Pick<SshClient, 'run'>,
  ) {}

  /**
   * Makes a backup and writes it to `output`.
   *
   * @param signal ends it, with its reason
   * @returns the sha256 that it must have
   * @throws UserError
   */
  async makeBackup(output: Writable, signal: AbortSignal): Promise<string> {
    const { stderr } = await this.program('make-backup.sh', ['-'], { output, signal });
    const sum = /^sha256 ([0-9a-f]{64})$/m.exec(stderr)?.[1];
    if (!sum) throw new UserError(`${this.host.name} did not make a backup:\n${lastLines(stderr)}`);
    return sum;
  }

  /**
   * Gets a backup from elsewhere.
   *
   * @param name @default - the newest
   * @returns its name and content
   * @throws UserError
   */
  async fetchOffsite(name?: string): Promise<{ readonly name: string; readonly content: Buffer }> {
    const output = new PassThrough();
    const [{ stderr }, content] = await Promise.all([
      this.program('offsite-backup.sh', name === undefined ? [] : [name], { output }).finally(() =>
        output.end(),
      ),
      buffer(output),
    ]);
    const found = /^name ([\w.-]{1,200})$/m.exec(stderr)?.[1];
    if (!found) throw new UserError(`${this.host.name} did not get a backup:\n${lastLines(stderr)}`);
    return { name: found, content };
  }

  /** Loads a backup beside the database in use. @throws UserError */
  async load(content: Buffer): Promise<LoadedBackup> {
    const { stdout } = await this.program('restore-backup.sh', ['load'], { input: content });
    const found = /^(loaded|restored already), (same|other), (\d{1,15})$/m.exec(stdout);
    if (!found) throw new UserError(`${this.host.name} did not report what it loaded:\n${lastLines(stdout)}`);
    return {
      alreadyRestored: found[1] === 'restored already',
      otherAuthority: found[2] === 'other',
      replaces: Number(found[3]),
    };
  }

  /** Replaces the database in use with the loaded one. @throws UserError */
  async swap(): Promise<void> {
    await this.program('restore-backup.sh', ['swap'], {});
  }

  /** Moves the primary to `to`, or to the synchronous standby. @returns what it says @throws UserError */
  async switchOver(to?: string): Promise<string> {
    const { stdout } = await this.program('switchover.sh', to === undefined ? [] : [to], {});
    return lastLines(stdout);
  }

  /** Makes this host the primary, whatever data others may have. @returns what it says @throws UserError */
  async promote(): Promise<string> {
    const { stdout } = await this.program('promote.sh', [], {});
    return lastLines(stdout);
  }

  /** Whether it answers as the primary. A single one is. @throws UserError */
  async isPrimary(): Promise<boolean> {
    try {
      await this.program('restore-backup.sh', ['primary'], {});
      return true;
    } catch (error) {
      if (error instanceof NotThePrimary) return false;
      throw error;
    }
  }

  private async program(
    name: string,
    args: readonly string[],
    streams: { readonly input?: Buffer; readonly output?: Writable; readonly signal?: AbortSignal },
  ): Promise<{ stdout: string; stderr: string }> {
    const words = [`${programs}/${name}`, ...args].map(shellQuote).join(' ');
    const asRoot = `sudo=; [ "$(id -u)" = 0 ] || sudo='sudo -n'; $sudo true || exit ${notRoot}; $sudo test -x ${programs}/${name} || exit ${notThere}; exec $sudo ${words}`;
    const result = await this.ssh.run(this.host, `sh -c ${shellQuote(asRoot)}`, {
      ...streams,
      timeoutMs: hour,
    });
    if (result.exitCode === notRoot)
      throw new UserError(`${this.host.name} ${rootFailure(this.host, result.stderr)}`);
    if (result.exitCode === notThere)
      throw new NoBackupPrograms(
        `${this.host.name} does not have the backup scripts yet: apply the hosts first`,
      );
    if (result.exitCode === notThePrimary)
      throw new NotThePrimary(`${this.host.name} is a standby: another database host is the primary`);
    if (result.exitCode !== 0)
      throw new UserError(
        lastLines(result.stderr).replace(/^error: /, '') || `${this.host.name}: '${name}' fails`,
      );
    return result;
  }
}
