import { readFileSync } from 'node:fs';
import { operatorFile } from '../programs/operator-file';
import { tryProgram } from '../programs/try-program';
import { count } from '../status/figures';
import type { Problem } from '../status/problem';
import { type Check, check } from './check';
import { hasPassphrase } from './private-key';

/** A private key of cluster.yaml. @param folder of cluster.yaml */
export function keyCheck(key: string, folder: string): Check {
  const text = readIfExists(operatorFile(folder, key));
  // Reported with the hosts that it is for.
  if (text === undefined)
    return { what: 'key', state: 'error', found: `${key} cannot be read`, problems: [] };
  if (!hasPassphrase(text)) return check('key', key, []);
  const message = `the private key '${key}' has a passphrase, which Terraform cannot ask for: add it to the SSH agent ('ssh-add ${key}') and write '${key}.pub' for it, which takes it from there`;
  return check('key', key, [{ severity: 'error', code: 'key-passphrase', message }]);
}

/** The SSH agent. @param wanted paths of the public keys whose private halves it must have */
export async function agentCheck(
  wanted: ReadonlySet<string>,
  { folder, environment: env }: { readonly folder: string; readonly environment: NodeJS.ProcessEnv },
): Promise<Check> {
  const failed = (...messages: string[]) =>
    check(
      'SSH agent',
      '',
      messages.map((message): Problem => ({ severity: 'error', code: 'ssh-agent', message })),
    );
  const answer = await tryProgram('ssh-add', ['-L'], { env, timeoutMs: 5000 });
  if ('failure' in answer)
    return failed(`ssh-add, which asks the SSH agent, ${answer.failure}: install OpenSSH's client`);
  // 1: it has no key. 2: there is no agent, or none that answers.
  const { exitCode, stdout } = answer;
  if (exitCode !== 0) {
    const what = exitCode === 1 ? 'the SSH agent has no key' : 'no SSH agent can be reached';
    const named =
      wanted.size > 0
        ? "cluster.yaml takes a key from it: run 'ssh-add KEY'"
        : "cluster.yaml names no key: run 'ssh-add', or set 'ssh.privateKey'";
    return failed(`${what}, and ${named}`);
  }
  const absent = [...wanted].filter((key) => {
    const [, base64] = (readIfExists(operatorFile(folder, key)) ?? '').trim().split(/\s+/);
    return base64 !== undefined && !stdout.includes(base64);
  });
  if (absent.length === 0) return check('SSH agent', count(stdout.trim().split('\n').length, 'key'), []);
  return failed(
    ...absent.map(
      (key) =>
        `the SSH agent does not have the key of '${key}': run 'ssh-add ${key.slice(0, -'.pub'.length)}'`,
    ),
  );
}

function readIfExists(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
