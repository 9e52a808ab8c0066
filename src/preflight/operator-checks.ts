import { findKubectl } from '../kubectl/find-kubectl';
import { loginsOf } from '../model/ssh';
import type { Topology } from '../model/topology';
import { tryProgram } from '../programs/try-program';
import type { Problem } from '../status/problem';
import { findTerraform } from '../terraform/find-terraform';
import { forgottenState } from '../terraform/states-beside';
import { UserError } from '../user-error';
import { type Check, check } from './check';
import { agentCheck, keyCheck } from './login-checks';

export interface OperatorChecksOptions {
  /** Folder of cluster.yaml. */
  readonly folder: string;
  /** Environment in which Terraform is looked for. */
  readonly environment: NodeJS.ProcessEnv;
}

/** What is there and what is missing on the machine that applies; each as soon as it is known. */
export function operatorChecks(
  topology: Topology,
  { folder, environment }: OperatorChecksOptions,
): Promise<Check>[] {
  const logins = topology.hosts.flatMap(({ ssh }) => loginsOf(ssh));
  const keys = new Set(logins.flatMap(({ privateKey }) => privateKey ?? []));
  const fromAgent = logins.filter(({ privateKey }) => privateKey === undefined);
  const wanted = new Set(fromAgent.flatMap(({ agentKey }) => agentKey ?? []));
  const forgotten = forgottenState(folder, topology);
  return [
    Promise.resolve(check('node', process.versions.node, [])),
    program('terraform', async () => (await findTerraform(environment)).name),
    program('kubectl', () => findKubectl(environment)),
    sshCheck(environment),
    ...[...keys].map((key) => Promise.resolve(keyCheck(key, folder))),
    ...(fromAgent.length > 0 ? [agentCheck(wanted, { folder, environment })] : []),
    ...(forgotten === undefined ? [] : [Promise.resolve(check('state', '', [error('renamed', forgotten)]))]),
  ];
}

async function program(what: string, version: () => Promise<string>): Promise<Check> {
  try {
    return check(what, await version(), []);
  } catch (cause) {
    if (!(cause instanceof UserError)) throw cause;
    return check(what, '', [error(what, cause.message)]);
  }
}

/** OpenSSH's programs; those of its client come together, but not everywhere. */
async function sshCheck(env: NodeJS.ProcessEnv): Promise<Check> {
  const run = (program: string, ...args: string[]) => tryProgram(program, args, { env, timeoutMs: 20_000 });
  const [ssh, keyscan] = await Promise.all([run('ssh', '-V'), run('ssh-keyscan', '-?')]);
  const problems = Object.entries({ ssh, 'ssh-keyscan': keyscan }).flatMap(([name, tried]) =>
    'failure' in tried ? [error('ssh', `${name} ${tried.failure}: install OpenSSH's client`)] : [],
  );
  // The first word, which ends with a comma.
  const [version = ''] = 'failure' in ssh ? [] : (/^[^\s,]+/.exec(ssh.stderr || ssh.stdout) ?? []);
  return check('ssh', version, problems);
}

function error(code: string, message: string): Problem {
  return { severity: 'error', code, message };
}
