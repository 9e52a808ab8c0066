import { type HostKey, hostKeyTypes } from '../model/known-hosts';
import { plainText } from '../programs/plain-text';
import { isNotInstalled, runProgram } from '../programs/run-program';
import { connectFailure } from './reach';
import { untilLetIn } from './until-let-in';

/** The keys that a server presents, or why there are none, as the rest of a sentence about the server. */
export type Scan = { readonly keys: readonly HostKey[] } | { readonly failure: string };

/** Until a connection is made. */
const connectTimeoutMs = 5000;
/** Until a connection has shown its key: a Raspberry Pi under load takes a second or two. */
const keyTimeoutSeconds = 10;
/** For all types, however the server delays. */
const scanTimeoutMs = 60_000;
const maxErrorLength = 200;

/** Asks an SSH server for its host keys with OpenSSH's `ssh-keyscan`, without logging in. */
export async function scanHostKeys(address: string, port: number, signal?: AbortSignal): Promise<Scan> {
  // ssh-keyscan does not say why a connection failed.
  const failure = await connectFailure(address, port, connectTimeoutMs);
  if (failure !== undefined) return { failure };
  const scan = await untilLetIn(
    () => keyscan(address, port, signal),
    ({ dropped }) => dropped !== undefined,
    signal,
  );
  if (scan.missing)
    return { failure: "cannot be asked for its keys: install OpenSSH's client (ssh-keyscan)" };
  if (scan.dropped) return { failure: `drops connections: ${scan.dropped}` };
  if (scan.keys.length > 0) return { keys: scan.keys };
  return { failure: 'answers, but not as an SSH server with a host key that Terraform knows' };
}

interface Keyscan {
  readonly keys: readonly HostKey[];
  /**
   * Why one of its connections, one per type, failed. sshd drops some when many are made at once
   * (MaxStartups), and then the type that Terraform is going to compare may be missing.
   */
  readonly dropped?: string;
  /** The program does not exist. */
  readonly missing?: boolean;
}

async function keyscan(address: string, port: number, signal?: AbortSignal): Promise<Keyscan> {
  const args = ['-T', `${keyTimeoutSeconds}`, '-t', 'ecdsa,rsa,ed25519', '-p', `${port}`, '--', address];
  const options = { timeoutMs: scanTimeoutMs, signal };
  const result = await runProgram('ssh-keyscan', args, options).catch((error) => {
    if (!isNotInstalled(error)) throw error;
  });
  if (!result) return { keys: [], missing: true };
  const complaint = result.stderr
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line !== '' && !line.startsWith('#'));
  return {
    keys: parseKeys(result.stdout),
    ...(complaint !== undefined && { dropped: plainText(complaint).slice(0, maxErrorLength) }),
  };
}

/** Keys of the types that Terraform can use, in the order of `hostKeyTypes`. */
function parseKeys(output: string): HostKey[] {
  const keys = output.split('\n').flatMap((line) => {
    const [name, type, key] = line.trim().split(' ');
    if (name?.startsWith('#') || type === undefined || !isKey(key)) return [];
    return [{ type, key }];
  });
  return hostKeyTypes.flatMap((type) => keys.filter((key) => key.type === type));
}

/** What known_hosts and Terraform get unchanged: base64, and no longer than a 16,384-bit RSA key. */
function isKey(text: string | undefined): text is string {
  return text !== undefined && text.length <= 4096 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}
