import { parseConfig } from '../../config/load';
import { k3sVersion } from '../../config/pinned-releases';
import { asName, type ClusterFlags, flagProblems } from './flags';
import { newHosts, place } from './hosts';
import { interview } from './interview';
import type { NewCluster } from './new-cluster';
import type { Prompter } from './prompter';
import { proposalsFor } from './propose';
import { questions } from './questions';
import { renderCluster } from './render';
import type { SshKey } from './ssh-key';

/** What init knows without being asked. */
export interface LocalEnvironment {
  readonly folderName: string;
  readonly localUser: string;
  readonly sshKey: SshKey;
  /** Undefined without a terminal. */
  readonly prompter: Prompter | undefined;
}

/** What is known about the cluster, answers included; undefined if nothing was asked. */
interface Said {
  readonly said?: ClusterFlags;
}

export type Gathered = Said &
  (
    | { readonly cluster: NewCluster; readonly assumed: readonly string[] }
    /** Why there is no cluster; empty when the person stopped. */
    | { readonly problems: readonly string[] }
  );

/** Describes a cluster from options, answers, and assumptions that are printed. */
export async function gather(flags: ClusterFlags, environment: LocalEnvironment): Promise<Gathered> {
  const problems = flagProblems(flags);
  if (problems.length > 0) return { problems };
  const { prompter } = environment;
  if (!prompter) return assume(flags, environment);
  const issuesOf = (known: ClusterFlags) => issuesSoFar(known, environment);
  const { flags: said, stopped } = await interview(questions(flags, environment), flags, prompter, issuesOf);
  return { ...(stopped ? { problems: [] } : assume(said, environment)), ...(said !== flags && { said }) };
}

/** What the rules say about a partially known cluster. */
function issuesSoFar(known: ClusterFlags, environment: LocalEnvironment) {
  const { server, database, vip } = known;
  const filled: ClusterFlags = {
    ...known,
    server: server.length > 0 ? server : ['192.0.2.1'],
    database: database ?? place(server[0] ?? '192.0.2.1').address,
    vip: vip ?? '192.0.2.2',
  };
  const gathered = assume(filled, environment);
  if ('problems' in gathered) return [];
  const { virtualIp: _, ...cluster } = gathered.cluster;
  const text = renderCluster(vip === undefined ? cluster : gathered.cluster, './cluster.schema.json');
  return parseConfig(text, 'cluster.yaml').issues;
}

/** Assumes everything that is not given, or reports what it cannot assume. */
function assume(flags: ClusterFlags, environment: LocalEnvironment): Exclude<Gathered, Said> | Gathered {
  const { server: servers, agent: agents, pool: pools, vip: virtualIp } = flags;
  const { sshKey } = environment;
  const problems: string[] = [];
  const assumed: string[] = [];
  const orAssume = (given: string | undefined, value: string, sentence: string) => {
    if (given === undefined) assumed.push(sentence);
    return given ?? value;
  };

  const folder = asName(environment.folderName) ?? 'homelab';
  const name = orAssume(flags.name, folder, `its name is '${folder}', as the folder's`);
  const local = environment.localUser === 'root' ? 'pi' : environment.localUser;
  const user = orAssume(flags.user, local, `the user on the hosts is '${local}': name another with --user`);
  const [only] = servers;
  if (only === undefined) {
    problems.push(
      "which hosts run the control plane? Name them with '--server ADDRESS', three for high availability",
    );
  } else if (servers.length > 1 && flags.database === undefined) {
    problems.push(
      "which host keeps the state in Postgres? Name it with '--database ADDRESS', best one with an SSD",
    );
  }
  if (only === undefined || problems.length > 0) return { problems };

  const { address } = place(only);
  const database = orAssume(flags.database, address, `Postgres runs on ${address} too`);
  const storage = place(database).address;
  const nfs =
    flags.nfs === 'none'
      ? undefined
      : orAssume(
          flags.nfs,
          storage,
          `files of the pods (NFS) are on ${storage} too: another with --nfs, or --nfs none`,
        );
  const hosts = newHosts({ servers, agents, database, ...(nfs !== undefined && { nfs }) });
  const proposals = proposalsFor({ ...flags, database });
  if (servers.length > 1 && virtualIp === undefined) {
    const proposal = proposals?.virtualIp;
    return {
      problems: [
        `several servers need a virtual IP: name an address of their subnet with '--vip ADDRESS'${proposal === undefined ? '' : `, such as ${proposal} if no machine has it and the router does not give it out`}`,
      ],
    };
  }
  if (proposals)
    assumed.push(`the hosts are in ${proposals.subnet}: if that is not your subnet, set network.nodes`);
  const privateKey = flags.sshKey ?? (sshKey.kind === 'file' ? sshKey.path : undefined);
  if (flags.sshKey === undefined) assumed.push(keyUsed(sshKey, hosts[0]?.address ?? 'HOST', user));
  return {
    cluster: {
      name,
      user,
      hosts,
      pools,
      k3sVersion,
      ...(privateKey !== undefined && { privateKey }),
      ...(virtualIp !== undefined && { virtualIp }),
      ...(proposals && pools.length === 0 && { proposedPool: proposals.pool }),
    },
    assumed,
  };
}

function keyUsed(sshKey: SshKey, address: string, user: string): string {
  if (sshKey.kind === 'file') return `the key for the hosts is ${sshKey.path}: another with --ssh-key`;
  if (sshKey.kind === 'agent') return `the SSH agent has the key for the hosts, for ${sshKey.why}`;
  return `there will be an SSH key, for none is in ~/.ssh and no agent runs: make one with 'ssh-keygen -t ed25519', bring it to each host with 'ssh-copy-id ${user}@${address}', and take the # off privateKey`;
}
