import { execFile } from 'node:child_process';
import { type HostKey, hostKeyTypes } from '../model/known-hosts';
import { connectFailure } from './reach';

/** The keys that a server shows, or why there are none, as the rest of a sentence about the server. */
export type Scan = { readonly keys: readonly HostKey[] } | { readonly failure: string };

const timeoutSeconds = 5;

/** Asks an SSH server for its host keys with OpenSSH's `ssh-keyscan`. Logs in nowhere. */
export async function scanHostKeys(address: string, port: number): Promise<Scan> {
  // ssh-keyscan does not say why a connection failed.
  const failure = await connectFailure(address, port, timeoutSeconds * 1000);
  if (failure !== undefined) return { failure };
  const args = ['-T', String(timeoutSeconds), '-t', 'ecdsa,rsa,ed25519', '-p', String(port), '--', address];
  return new Promise((resolve) => {
    execFile('ssh-keyscan', args, { timeout: 4 * timeoutSeconds * 1000 }, (error, stdout) => {
      const keys = parseKeys(stdout);
      if (keys.length > 0) resolve({ keys });
      else if (error?.code === 'ENOENT')
        resolve({ failure: "cannot be asked for its keys: install OpenSSH's client, which has ssh-keyscan" });
      else resolve({ failure: 'answers, but not as an SSH server with a host key that Terraform knows' });
    });
  });
}

/** Keys of the types that Terraform can use, in the order of `hostKeyTypes`. */
function parseKeys(output: string): HostKey[] {
  const keys = output.split('\n').flatMap((line) => {
    const [name, type, key] = line.trim().split(' ');
    return name?.startsWith('#') || type === undefined || key === undefined ? [] : [{ type, key }];
  });
  return hostKeyTypes.flatMap((type) => keys.filter((key) => key.type === type));
}
