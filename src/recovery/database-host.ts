import type { Writable } from 'node:stream';
import { shellQuote } from '../model/shell-quote';
import type { Host } from '../model/topology';
import type { SshClient } from '../ssh/client';
import { BackupError } from './backup-file';

/** What the backup step has put on the database host. */
const programs = '/usr/local/lib/k3s-cdk/database';

/** Exit code of the shell for a program that is not there. */
const notThere = 127;

const hour = 60 * 60 * 1000;

/** The database host's programs for backups do not exist yet. */
export class NoBackupPrograms extends BackupError {}

/** What loading a backup has found. */
export interface LoadedBackup {
  /** It is in use, and nothing has been written since: an earlier run got this far. */
  readonly alreadyRestored: boolean;
  /** Whether k3s's certificate authorities are other ones than those of the database that it replaces. */
  readonly otherAuthority: boolean;
  /** Objects in the database that it replaces. */
  readonly replaces: number;
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
   * @throws BackupError, SshError
   */
  async makeBackup(output: Writable, signal: AbortSignal): Promise<string> {
    const { stderr } = await this.program('make-backup.sh', ['-'], { output, signal });
    const sum = /^sha256 ([0-9a-f]{64})$/m.exec(stderr)?.[1];
    if (!sum) throw new BackupError(`${this.host.name} has made no backup:\n${stderr.trim()}`);
    return sum;
  }

  /** Loads a backup beside the database in use. @throws BackupError, SshError */
  async load(content: Buffer): Promise<LoadedBackup> {
    const { stdout } = await this.program('restore-backup.sh', ['load'], { input: content });
    const found = /^(loaded|restored already), (same|other), (\d+)$/m.exec(stdout);
    if (!found) throw new BackupError(`${this.host.name} does not say what it has loaded:\n${stdout.trim()}`);
    return {
      alreadyRestored: found[1] === 'restored already',
      otherAuthority: found[2] === 'other',
      replaces: Number(found[3]),
    };
  }

  /** Puts what was loaded in the place of the database in use. @throws BackupError, SshError */
  async swap(): Promise<void> {
    await this.program('restore-backup.sh', ['swap'], {});
  }

  private async program(
    name: string,
    args: readonly string[],
    streams: { readonly input?: Buffer; readonly output?: Writable; readonly signal?: AbortSignal },
  ): Promise<{ stdout: string; stderr: string }> {
    const words = [`${programs}/${name}`, ...args].map(shellQuote).join(' ');
    const asRoot = `sudo=; [ "$(id -u)" = 0 ] || sudo='sudo -n'; $sudo test -x ${programs}/${name} || exit ${notThere}; exec $sudo ${words}`;
    const result = await this.ssh.run(this.host, `sh -c ${shellQuote(asRoot)}`, {
      ...streams,
      timeoutMs: hour,
    });
    if (result.exitCode === notThere)
      throw new NoBackupPrograms(`${this.host.name} has no programs for backups: apply the hosts first`);
    if (result.exitCode !== 0)
      throw new BackupError(
        result.stderr.trim().replace(/^error: /, '') || `${this.host.name}: '${name}' fails`,
      );
    return result;
  }
}
