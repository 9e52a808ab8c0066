import { type ChildProcess, spawn } from 'node:child_process';
import type { Bastion } from '../model/topology';
import { plainText } from '../programs/plain-text';
import { loginArguments } from './openssh';

export interface BastionOptions {
  readonly bastion: Bastion;
  /** Folder of `known_hosts`, which must have the bastion's key; relative paths of keys start here. */
  readonly folder: string;
  /** What the connection is for, as arguments of `ssh`. */
  readonly arguments: readonly string[];
}

/**
 * Logs in to a bastion and runs nothing there: all that it has to allow is what Terraform needs of it anyway. The
 * connection ends with the process that is returned.
 *
 * @throws Error with what ssh said, when the login fails
 */
export async function connectBastion(options: BastionOptions): Promise<ChildProcess> {
  const { bastion, folder } = options;
  const ssh = spawn(
    'ssh',
    [
      ...loginArguments(bastion),
      '-N',
      // Runs when the login is through and the ports are open.
      '-o',
      'PermitLocalCommand=yes',
      '-o',
      'LocalCommand=echo ready',
      ...options.arguments,
      '--',
      bastion.address,
    ],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  await ready(ssh);
  return ssh;
}

/** Characters of what ssh says; it may go on as long as the connection. */
const longestComplaint = 4000;

function ready(ssh: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    ssh.stderr?.on('data', (text) => {
      said = (said + text).slice(-longestComplaint);
    });
    ssh.stdout?.once('data', () => resolve());
    ssh.once('error', ({ code, message }: NodeJS.ErrnoException) =>
      reject(new Error(code === 'ENOENT' ? "ssh is not there: install OpenSSH's client" : message)),
    );
    ssh.once('close', () =>
      reject(new Error(plainText(said.trim().split('\n').at(-1) || 'ssh ended without a word'))),
    );
  });
}
