import { existsSync, readFileSync } from 'node:fs';
import { operatorFile } from '../programs/operator-file';
import { runProgram } from '../programs/run-program';
import type { Login } from './openssh';

/**
 * Lines for `authorized_keys` that let this login in; empty when no public key is to be had.
 *
 * @param folder of cluster.yaml
 */
export async function authorizedKeys(
  { privateKey, agentKey }: Pick<Login, 'privateKey' | 'agentKey'>,
  folder: string,
): Promise<string[]> {
  const file = agentKey ?? (privateKey === undefined ? undefined : `${privateKey}.pub`);
  const path = file === undefined ? undefined : operatorFile(folder, file);
  if (path !== undefined && existsSync(path)) return keysIn(readFileSync(path, 'utf8'));
  const [program, ...args] =
    privateKey === undefined
      ? ['ssh-add', '-L']
      : ['ssh-keygen', '-y', '-P', '', '-f', operatorFile(folder, privateKey)];
  const { exitCode, stdout } = await runProgram(program ?? '', args, { timeoutMs: 5000 }).catch(() => ({
    exitCode: 1,
    stdout: '',
  }));
  return exitCode === 0 ? keysIn(stdout) : [];
}

function keysIn(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^[a-z0-9@.-]+ [A-Za-z0-9+/=]+( |$)/.test(line));
}
