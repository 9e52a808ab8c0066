import { readFileSync } from 'node:fs';
import { renamedCluster } from '../model/renamed-cluster';
import { loginsOf } from '../model/ssh';
import type { Topology } from '../model/topology';
import { operatorFile } from '../programs/operator-file';
import { runProgram } from '../programs/run-program';
import type { Problem } from '../status/problem';
import { findTerraform } from '../terraform/find-terraform';
import { otherClusters } from '../terraform/other-clusters';
import { UserError } from '../user-error';
import { hasPassphrase } from './private-key';

export interface OperatorChecksOptions {
  /** Folder of cluster.yaml. */
  readonly folder: string;
  /** Environment in which Terraform is looked for. */
  readonly environment: NodeJS.ProcessEnv;
}

/** What is missing on the machine that applies. */
export async function operatorChecks(topology: Topology, options: OperatorChecksOptions): Promise<Problem[]> {
  const error = (code: string, message: string): Problem => ({ severity: 'error', code, message });
  const problems: Problem[] = [];
  try {
    await findTerraform(options.environment);
  } catch (cause) {
    if (!(cause instanceof UserError)) throw cause;
    problems.push(error('terraform', cause.message));
  }
  if (!(await isInstalled('kubectl', ['version', '--client'])))
    problems.push(
      error(
        'kubectl',
        'kubectl is not installed, which applies the manifests: https://kubernetes.io/docs/tasks/tools/',
      ),
    );
  for (const [program, ...args] of [
    ['ssh', '-V'],
    ['ssh-keyscan', '-?'],
  ] as const)
    if (!(await isInstalled(program, args)))
      problems.push(error('ssh', `${program} is not installed: install OpenSSH's client`));
  for (const other of otherClusters(options.folder, topology.name))
    problems.push(error('renamed', renamedCluster(other, topology.name)));
  const logins = topology.hosts.flatMap(({ ssh }) => loginsOf(ssh));
  const keys = new Set(logins.map(({ privateKey }) => privateKey));
  for (const key of keys) {
    if (key === undefined) continue;
    // One that cannot be read is reported with the hosts that it is for.
    const text = readIfExists(operatorFile(options.folder, key));
    if (text !== undefined && hasPassphrase(text))
      problems.push(
        error(
          'key-passphrase',
          `the private key '${key}' has a passphrase, which Terraform cannot ask for: add it to the SSH agent ('ssh-add ${key}') and write '${key}.pub' for it, which takes it from there`,
        ),
      );
  }
  const fromAgent = logins.filter(({ privateKey }) => privateKey === undefined);
  if (fromAgent.length > 0) {
    const wanted = new Set(fromAgent.flatMap(({ agentKey }) => agentKey ?? []));
    problems.push(...(await agentProblems(wanted, options.folder)));
  }
  return problems;
}

/** @param wanted paths of the public keys whose private halves it must have */
async function agentProblems(wanted: ReadonlySet<string>, folder: string): Promise<Problem[]> {
  const error = (message: string): Problem => ({ severity: 'error', code: 'ssh-agent', message });
  // 1: it has no key. 2: there is no agent.
  const { exitCode, stdout } = await runProgram('ssh-add', ['-L'], { timeoutMs: 5000 }).catch(() => ({
    exitCode: 2,
    stdout: '',
  }));
  if (exitCode !== 0) {
    const what = exitCode === 1 ? 'the SSH agent has no key' : 'no SSH agent is running';
    const named =
      wanted.size > 0
        ? "cluster.yaml takes a key from it: run 'ssh-add KEY'"
        : "cluster.yaml names no key: run 'ssh-add', or set 'ssh.privateKey'";
    return [error(`${what}, and ${named}`)];
  }
  return [...wanted].flatMap((key) => {
    const [, base64] = (readIfExists(operatorFile(folder, key)) ?? '').trim().split(/\s+/);
    return base64 === undefined || stdout.includes(base64)
      ? []
      : [
          error(
            `the SSH agent does not have the key of '${key}': run 'ssh-add ${key.slice(0, -'.pub'.length)}'`,
          ),
        ];
  });
}

async function isInstalled(program: string, args: readonly string[]): Promise<boolean> {
  return runProgram(program, args, { timeoutMs: 20_000 }).then(
    () => true,
    () => false,
  );
}

function readIfExists(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
