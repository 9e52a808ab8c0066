import type { Bastion } from '../model/topology';
import { plainText } from '../programs/plain-text';
import { isNotInstalled, type RunningProgram, startProgram } from '../programs/run-program';
import { UserError } from '../user-error';
import { loginArguments } from './openssh';
import { droppedPattern, untilLetIn } from './until-let-in';

export interface BastionOptions {
  readonly bastion: Bastion;
  /** Folder of `known_hosts`, which must have the bastion's key; relative paths of keys start here. */
  readonly folder: string;
  /** What the connection is for. */
  readonly sshArguments: readonly string[];
  /** Ends it early; the error is then the signal's. @default none */
  readonly signal?: AbortSignal | undefined;
}

/** Why a login to a bastion failed: what ssh said. */
class LoginError extends UserError {
  constructor(readonly said: readonly string[]) {
    super(said.at(-1) ?? 'ssh ended without an error message');
  }
}

/** Characters of a line of ssh's output that are kept. */
const maxLineLength = 4000;

/** That are kept: the reason is one of the last. */
const maxLines = 5;

/**
 * Logs in to a bastion and runs nothing there: it only has to allow what Terraform needs anyway. The
 * connection ends with the returned program, and on Ctrl-C.
 *
 * @throws UserError with what ssh said, when the login fails
 */
export async function connectBastion(options: BastionOptions): Promise<RunningProgram> {
  const login = () =>
    connect(options).catch((error: unknown) => {
      if (error instanceof LoginError) return error;
      throw error;
    });
  const isDropped = (result: RunningProgram | LoginError) =>
    result instanceof LoginError && result.said.some((line) => droppedPattern.test(line));
  const result = await untilLetIn(login, isDropped, options.signal);
  if (!(result instanceof LoginError)) return result;
  throw isDropped(result) ? new UserError(result.said.join('; ')) : result;
}

function connect({ bastion, folder, sshArguments, signal }: BastionOptions): Promise<RunningProgram> {
  const args = [
    ...loginArguments(bastion),
    '-N',
    // Runs when the login has succeeded and the ports are open.
    '-o',
    'PermitLocalCommand=yes',
    '-o',
    'LocalCommand=echo ready',
    ...sshArguments,
    '--',
    bastion.address,
  ];
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    const ssh = startProgram('ssh', args, {
      ...{ cwd: folder, foreground: true, maxLineLength },
      onLine: (line, stream) => {
        if (stream === 'stdout') resolve(ssh);
        else if (line.trim() !== '' && said.push(plainText(line)) > maxLines) said.shift();
      },
    });
    const end = () => {
      ssh.terminate();
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', end);
    const ended = ssh.ended.finally(() => signal?.removeEventListener('abort', end));
    ended.then(
      () => reject(new LoginError(said)),
      (error) =>
        reject(
          isNotInstalled(error) ? new UserError("ssh is not installed: install OpenSSH's client") : error,
        ),
    );
  });
}
