import { readFileSync } from 'node:fs';
import { renamedCluster } from '../model/renamed-cluster';
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
  /** In which Terraform is looked for. */
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
  const keys = new Set(topology.hosts.flatMap(({ ssh }) => [ssh.privateKey, ssh.bastion?.privateKey]));
  for (const key of keys) {
    if (key === undefined) continue;
    // One that cannot be read is reported with the hosts that it is for.
    const text = readIfExists(operatorFile(options.folder, key));
    if (text !== undefined && hasPassphrase(text))
      problems.push(
        error(
          'key-passphrase',
          `the private key '${key}' has a passphrase, which Terraform cannot ask for: add it to the SSH agent ('ssh-add ${key}') and take 'privateKey' out of cluster.yaml`,
        ),
      );
  }
  if (topology.hosts.some(({ ssh }) => ssh.privateKey === undefined))
    problems.push(...(await agentProblems()));
  return problems;
}

async function agentProblems(): Promise<Problem[]> {
  // 1: it has no key. 2: there is no agent.
  const { exitCode } = await runProgram('ssh-add', ['-l'], { timeoutMs: 5000 }).catch(() => ({
    exitCode: 2,
  }));
  if (exitCode === 0) return [];
  const what = exitCode === 1 ? 'the SSH agent has no key' : 'no SSH agent is running';
  const message = `${what}, and cluster.yaml names no key: run 'ssh-add', or set 'ssh.privateKey'`;
  return [{ severity: 'error', code: 'ssh-agent', message }];
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
