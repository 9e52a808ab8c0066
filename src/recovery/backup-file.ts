import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { runBinary } from './run-binary';

/** What a backup says about itself. */
export interface BackupManifest {
  readonly cluster: string;
  /** UTC. */
  readonly created: Date;
  /** The database host that it was made on. */
  readonly host: string;
  /** Major version of Postgres. */
  readonly postgres: number;
}

/** A backup that is whole and not encrypted. */
export interface OpenBackup {
  readonly manifest: BackupManifest;
  /** The tar archive. */
  readonly content: Buffer;
  /** The token of k3s. */
  readonly token: string;
}

/** What cannot be done with a backup; the message says what to do. */
export class BackupError extends Error {}

/** Where `ustar` stands in a tar archive. */
const magicOffset = 257;

/**
 * Reads a backup, decrypts it if it is encrypted, and checks it.
 *
 * @param name the file, as the user wrote it
 * @param key private key of a recipient
 * @throws BackupError
 */
export async function openBackup(name: string, path: string, key: string): Promise<OpenBackup> {
  let file: Buffer;
  try {
    file = readFileSync(path);
  } catch (error) {
    throw new BackupError(`'${name}' cannot be read: ${(error as Error).message}`);
  }
  const content = isTar(file) ? file : await decrypt(name, file, key);
  if (!isTar(content)) throw new BackupError(`'${name}' is no backup of k3s-cdk: give another file`);
  const [manifest, token, dump] = await Promise.all(
    ['manifest.json', 'token', 'k3s.dump'].map((member) => extract(name, content, member)),
  );
  const { sha256, ...rest } = readManifest(name, manifest);
  if (sum(token) !== sha256.token || sum(dump) !== sha256['k3s.dump']) {
    throw new BackupError(`'${name}' is damaged: a checksum in it does not fit, so take another backup`);
  }
  return { manifest: rest, content, token: String(token) };
}

function isTar(file: Buffer): boolean {
  return file.subarray(magicOffset, magicOffset + 5).toString('latin1') === 'ustar';
}

async function decrypt(name: string, file: Buffer, key: string): Promise<Buffer> {
  // A CMS message is a sequence, of a length that was not known when it began.
  if (file[0] !== 0x30) throw new BackupError(`'${name}' is no backup of k3s-cdk: give another file`);
  const { exitCode, stdout, stderr } = await runBinary(
    'openssl',
    ['cms', '-decrypt', '-binary', '-inform', 'DER', '-inkey', key],
    file,
  );
  // With a key that does not fit, it decrypts to nothing or to noise, to make attacks harder.
  if (exitCode === 0 && isTar(stdout)) return stdout;
  if (/Could not (open|read)|No such file|unable to load/i.test(stderr)) {
    throw new BackupError(
      `'${name}' is encrypted and the private key '${key}' cannot be read: give the key of a recipient with --key`,
    );
  }
  throw new BackupError(
    `'${name}' cannot be opened with '${key}': it is encrypted for another key (give that with --key), or damaged`,
  );
}

async function extract(name: string, content: Buffer, member: string): Promise<Buffer> {
  const { exitCode, stdout } = await runBinary('tar', ['-xOf', '-', member], content);
  if (exitCode !== 0) throw new BackupError(`'${name}' is damaged or cut short: take another backup`);
  return stdout;
}

function readManifest(name: string, text: Buffer | undefined) {
  try {
    const { format, cluster, created, host, postgres, sha256 } = JSON.parse(String(text));
    if (format !== 1) throw new BackupError(`'${name}' was made by a newer k3s-cdk: use that one`);
    const [, y, m, d, h, min, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(created) ?? [];
    return {
      cluster: String(cluster),
      created: new Date(`${y}-${m}-${d}T${h}:${min}:${s}Z`),
      host: String(host),
      postgres: Number(postgres),
      sha256: sha256 as { token: string; 'k3s.dump': string },
    };
  } catch (error) {
    if (error instanceof BackupError) throw error;
    throw new BackupError(`'${name}' is damaged: its manifest cannot be read, so take another backup`);
  }
}

function sum(content: Buffer | undefined): string {
  return createHash('sha256')
    .update(content ?? '')
    .digest('hex');
}

/** Whether two tokens are the same, whatever white space ends them. */
export function sameToken(one: string, other: string): boolean {
  const [a, b] = [one, other].map((token) => createHash('sha256').update(token.trim()).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
