import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../../files/make-folder';
import type { HostKey } from '../../model/known-hosts';
import { runProgram } from '../../programs/run-program';
import { UserError } from '../../user-error';

/**
 * A new private host key in OpenSSH's format.
 *
 * @param folder which only its owner may read; the key is nowhere else, not even for a moment
 * @throws UserError without ssh-keygen
 */
export async function newHostKey(host: string, folder: string): Promise<string> {
  makeFolder(folder, { mode: 0o700 });
  // The name of files that PrivateFiles tidies up after an interruption.
  const file = join(folder, `.host_key.${randomBytes(8).toString('hex')}.tmp`);
  try {
    const args = ['-q', '-t', 'ed25519', '-N', '', '-C', `root@${host}`, '-f', file];
    const { exitCode, stderr } = await runProgram('ssh-keygen', args, { timeoutMs: 20_000 }).catch(() => ({
      exitCode: 1,
      stderr: "it is not installed: install OpenSSH's client",
    }));
    if (exitCode !== 0) throw new UserError(`ssh-keygen cannot make a host key: ${stderr.trim()}`);
    return readFileSync(file, 'utf8');
  } finally {
    for (const path of [file, `${file}.pub`]) rmSync(path, { force: true });
  }
}

const magic = 'openssh-key-v1\0';

/** The public half, which OpenSSH's format has in the clear; undefined when it is no such key. */
export function publicHalf(privateKey: string): HostKey | undefined {
  const [, body] = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)-----END/.exec(privateKey) ?? [];
  const bytes = Buffer.from(body ?? '', 'base64');
  if (bytes.subarray(0, magic.length).toString('latin1') !== magic) return undefined;
  try {
    // PROTOCOL.key of OpenSSH: cipher, key derivation and its options, the number of keys, the first of them.
    let at = magic.length;
    const next = () => {
      const size = bytes.readUInt32BE(at);
      at += 4 + size;
      return bytes.subarray(at - size, at);
    };
    for (let field = 0; field < 3; field += 1) next();
    at += 4;
    const key = next();
    return { type: key.subarray(4, 4 + key.readUInt32BE(0)).toString(), key: key.toString('base64') };
  } catch {
    return undefined;
  }
}
