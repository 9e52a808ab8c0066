import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { isNotInstalled, runProgram } from '../programs/run-program';
import { UserError } from '../user-error';
import { tarMembers } from './tar-members';

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

/** A complete, decrypted backup. */
export interface OpenBackup {
  readonly manifest: BackupManifest;
  /** The tar archive. */
  readonly content: Buffer;
  /** The token of k3s. */
  readonly token: string;
}

const manifestName = 'manifest.json';
const dumpName = 'k3s.dump';

/** Bytes: what node reads at once. Compressed, the database of a large cluster is some hundred megabytes. */
const maxBytes = 2 ** 31 - 1;

/** Time to decrypt `maxBytes`. */
const timeoutMs = 10 * 60_000;

/** Where `ustar` is in a tar archive. */
const magicOffset = 257;

/**
 * Decrypts a backup if it is encrypted, and checks it.
 *
 * @param name as people know it
 * @param key private key of a recipient
 * @throws UserError
 */
export async function openBackup(name: string, file: Buffer, key: string): Promise<OpenBackup> {
  const content = isTar(file) ? file : await decrypt(name, file, key);
  const members = tarMembers(name, content, [manifestName, 'token', dumpName]);
  const [manifest, token, dump] = [manifestName, 'token', dumpName].map((member) => members.get(member));
  const { sha256, ...rest } = readManifest(name, manifest);
  if (sum(token) !== sha256.token || sum(dump) !== sha256[dumpName])
    throw new UserError(`'${name}' is damaged: a checksum in it does not match, so take another backup`);
  if (!/^[\x21-\x7e]{1,512}\s?$/.test(String(token?.subarray(0, 1024))))
    throw new UserError(`'${name}' is damaged: it has no valid token, so take another backup`);
  return { manifest: rest, content, token: String(token) };
}

/** @param name the file, as the user wrote it @throws UserError */
export function readBackupFile(name: string, path: string): Buffer {
  try {
    const stat = statSync(path);
    if (!stat.isFile()) throw new UserError(`'${name}' is not a regular file: give the file of a backup`);
    if (stat.size > maxBytes)
      throw new UserError(
        `'${name}' is larger than 2 GiB, too large for a backup of k3s-cdk: give another file`,
      );
    return readFileSync(path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : message;
    throw new UserError(`'${name}' cannot be read: ${reason}`);
  }
}

function isTar(file: Buffer): boolean {
  return file.subarray(magicOffset, magicOffset + 5).toString('latin1') === 'ustar';
}

async function decrypt(name: string, file: Buffer, key: string): Promise<Buffer> {
  // A CMS message is a sequence of indefinite length.
  if (file[0] !== 0x30) throw new UserError(`'${name}' is not a backup of k3s-cdk: give another file`);
  const output = new PassThrough();
  const [{ exitCode, stderr }, stdout] = await Promise.all([
    runProgram('openssl', ['cms', '-decrypt', '-binary', '-inform', 'DER', '-inkey', key], {
      ...{ input: file, output, timeoutMs },
    })
      .catch((error) => {
        if (!isNotInstalled(error)) throw error;
        throw new UserError(`'${name}' is encrypted: install openssl here, which decrypts it`);
      })
      .finally(() => output.end()),
    buffer(output),
  ]);
  // With a wrong key, it decrypts to nothing or to noise, to make attacks harder.
  if (exitCode === 0 && isTar(stdout)) return stdout;
  if (/Could not (open|read)|No such file|unable to load/i.test(stderr)) {
    throw new UserError(
      `'${name}' is encrypted and the private key '${key}' cannot be read: give the key of a recipient with --key`,
    );
  }
  throw new UserError(
    `'${name}' cannot be opened with '${key}': it is encrypted for another key (give that with --key), or damaged`,
  );
}

function readManifest(name: string, bytes: Buffer | undefined) {
  const damaged = new UserError(`'${name}' is damaged: its manifest cannot be read, so take another backup`);
  const { format, cluster, created, host, postgres, sha256 } = membersOf(bytes, damaged);
  if (typeof format === 'number' && format > 1)
    throw new UserError(`'${name}' was made by a newer k3s-cdk: use that one`);
  const sums = typeof sha256 === 'object' && sha256 !== null ? (sha256 as Record<string, unknown>) : {};
  const text = (value: unknown, form: RegExp) => {
    if (typeof value !== 'string' || !form.test(value)) throw damaged;
    return value;
  };
  const [, y, m, d, h, min, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(created)) ?? [];
  const time = new Date(`${y}-${m}-${d}T${h}:${min}:${s}Z`);
  if (format !== 1 || !Number.isInteger(postgres) || Number.isNaN(time.getTime())) throw damaged;
  return {
    cluster: text(cluster, dnsLabel),
    created: time,
    host: text(host, dnsLabel),
    postgres: Number(postgres),
    sha256: { token: text(sums.token, sha256Form), [dumpName]: text(sums[dumpName], sha256Form) },
  };
}

const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const sha256Form = /^[0-9a-f]{64}$/;

/** Bytes of a manifest, which has a few hundred. */
const maxManifestBytes = 64 * 1024;

function membersOf(bytes: Buffer | undefined, damaged: UserError): Readonly<Record<string, unknown>> {
  if (bytes === undefined || bytes.length > maxManifestBytes) throw damaged;
  try {
    return Object(JSON.parse(bytes.toString('utf8')));
  } catch {
    throw damaged;
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
