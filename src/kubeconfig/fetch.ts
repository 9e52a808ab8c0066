import type { Host, Topology } from '../model/topology';
import { bashAsRoot, type SshClient } from '../ssh/client';
import { rootFailure } from '../ssh/root-failure';
import { SshError } from '../ssh/ssh-error';
import { AnswerError } from '../status/answer';
import { UserError } from '../user-error';
import type { ClusterAccess } from './cluster-access';
import { readK3sYaml } from './k3s-yaml';

export interface FetchedAccess {
  readonly access: ClusterAccess;
  readonly from: Host;
  /** Why servers before it were skipped, a sentence each. */
  readonly passedOver: readonly string[];
}

/** Where k3s keeps the credentials of the cluster's administrator, on each server. */
const path = '/etc/rancher/k3s/k3s.yaml';
const timeoutMs = 20_000;

const read = `if test -e ${path}; then cat ${path}; else exit 44; fi`;
const notThere = 44;

/**
 * The credentials of the cluster's administrator, from the first server that has them. Servers are asked in
 * the order of cluster.yaml, because each has its own and they should stay the same from call to call.
 *
 * @throws UserError with the reason of every server, when none has them
 */
export async function fetchAccess(
  { name, servers, api }: Topology,
  ssh: Pick<SshClient, 'run'>,
): Promise<FetchedAccess> {
  const passedOver: string[] = [];
  for (const host of servers) {
    const answer = await ask(host, ssh);
    try {
      if ('text' in answer)
        return { access: readK3sYaml(answer.text, name, api.url), from: host, passedOver };
      passedOver.push(answer.reason);
    } catch (error) {
      if (!(error instanceof AnswerError)) throw error;
      passedOver.push(`${host.name} has a ${path} that ${error.message}`);
    }
  }
  throw new UserError(passedOver.join('\n'));
}

/** The file's text, or a sentence that says why there is none. */
async function ask(
  host: Host,
  ssh: Pick<SshClient, 'run'>,
): Promise<{ readonly text: string } | { readonly reason: string }> {
  try {
    const { stdout, stderr, exitCode } = await ssh.run(host, bashAsRoot, { input: read, timeoutMs });
    if (exitCode === 0) return { text: stdout };
    if (exitCode === notThere)
      return { reason: `${host.name} has no ${path}: k3s has not started there yet` };
    return { reason: `${host.name} ${rootFailure(host, stderr)}` };
  } catch (error) {
    if (!(error instanceof SshError)) throw error;
    return { reason: error.message };
  }
}
