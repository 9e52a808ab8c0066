import { k3sVersion } from '../../config/pinned-releases';
import { ipAddress } from '../../config/schema/primitives';
import { sshUser } from '../../config/schema/ssh';
import {
  asName,
  type ClusterFlags,
  flagProblems,
  hostsProblems,
  nameProblem,
  poolProblem,
  sameHost,
} from './flags';
import { newHosts, place, placeProblem, problem } from './hosts';
import type { NewCluster } from './new-cluster';
import type { Prompter } from './prompter';
import { propose } from './propose';
import type { SshKey } from './ssh-key';

/** What init knows without being asked. */
export interface LocalEnvironment {
  readonly folderName: string;
  readonly localUser: string;
  readonly sshKey: SshKey;
  /** Undefined without a terminal. */
  readonly prompter: Prompter | undefined;
}

export type Gathered =
  | { readonly cluster: NewCluster; readonly assumed: readonly string[] }
  /** Why there is no cluster; empty when the person stopped. */
  | { readonly problems: readonly string[] };

class Stopped extends Error {}

/** Makes a cluster of options, of answers, and of assumptions that are printed. */
export async function gather(flags: ClusterFlags, environment: LocalEnvironment): Promise<Gathered> {
  const problems = flagProblems(flags);
  if (problems.length > 0) return { problems };
  try {
    return await new Gathering(flags, environment).run();
  } catch (error) {
    if (error instanceof Stopped) return { problems: [] };
    throw error;
  }
}

class Gathering {
  private readonly problems: string[] = [];
  private readonly assumed: string[] = [];
  /** Without any host on the command line, everything is asked; else only what cannot be assumed. */
  private readonly interview: boolean;

  constructor(
    private readonly flags: ClusterFlags,
    private readonly environment: LocalEnvironment,
  ) {
    this.interview = environment.prompter !== undefined && flags.server.length === 0;
  }

  async run(): Promise<Gathered> {
    const { flags, environment } = this;
    const name = flags.name ?? (await this.name());
    const user = flags.user ?? (await this.user());
    const servers = flags.server.length > 0 ? flags.server : await this.servers();
    const agents = flags.agent.length > 0 || !this.interview ? flags.agent : await this.agents(servers);
    const database = flags.database ?? (await this.database(servers));
    const nfs = flags.nfs === 'none' ? undefined : (flags.nfs ?? (await this.nfs(database)));
    if (this.problems.length > 0) return { problems: this.problems };

    const hosts = newHosts({ servers, agents, database, ...(nfs !== undefined && { nfs }) });
    const first = place(servers[0] ?? '').address;
    const others = hosts.map(({ address }) => address).filter((address) => address !== first);
    const proposals = propose([
      first,
      ...others,
      ...flags.pool,
      ...(flags.vip === undefined ? [] : [flags.vip]),
    ]);
    const virtualIp =
      flags.vip ??
      (servers.length > 1 ? await this.virtualIp([first, ...others], proposals?.virtualIp) : undefined);
    const pools = flags.pool.length > 0 || !this.interview ? flags.pool : await this.pools(proposals?.pool);
    if (this.problems.length > 0) return { problems: this.problems };
    if (proposals)
      this.assumed.push(
        `the hosts are in ${proposals.subnet}: if that is not your subnet, set network.nodes`,
      );

    const { sshKey } = environment;
    const privateKey = flags.sshKey ?? (sshKey.kind === 'file' ? sshKey.path : undefined);
    if (flags.sshKey === undefined) this.assumed.push(...this.keyUsed(hosts[0]?.address ?? 'HOST', user));
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
      assumed: this.assumed,
    };
  }

  private async name(): Promise<string> {
    const initial = asName(this.environment.folderName) ?? 'homelab';
    if (this.interview) return this.ask('Name of the cluster', (text) => nameProblem(text)[0], initial);
    this.assumed.push(`its name is '${initial}', as the folder's`);
    return initial;
  }

  private async user(): Promise<string> {
    const initial = this.environment.localUser === 'root' ? 'pi' : this.environment.localUser;
    const question = 'User on the hosts, who needs sudo without a password';
    if (this.interview) return this.ask(question, (text) => problem(sshUser, text), initial);
    this.assumed.push(`the user on the hosts is '${initial}': name another with --user`);
    return initial;
  }

  private async servers(): Promise<string[]> {
    if (!this.interview) {
      this.problems.push(
        "which hosts run the control plane? Name them with '--server ADDRESS', three for high availability",
      );
      return [];
    }
    return this.askList('Addresses of the servers (control plane), three for high availability', 1);
  }

  private agents(servers: readonly string[]): Promise<string[]> {
    return this.askList('Addresses of the agents, which only run pods; Enter for none', 0, servers);
  }

  private async database(servers: readonly string[]): Promise<string> {
    const [only = ''] = servers;
    if (servers.length < 2 && !this.interview) {
      if (only !== '') this.assumed.push(`Postgres runs on ${place(only).address} too`);
      return place(only).address;
    }
    if (!this.environment.prompter) {
      this.problems.push(
        "which host keeps the state in Postgres? Name it with '--database ADDRESS', best one with an SSD",
      );
      return '';
    }
    const initial = servers.length < 2 ? place(only).address : undefined;
    return this.ask('Address of the host for Postgres and NFS, best with an SSD', placeProblem, initial);
  }

  private async nfs(database: string): Promise<string> {
    const { address } = place(database);
    if (address !== '')
      this.assumed.push(`files of the pods (NFS) are on ${address} too: another with --nfs, or --nfs none`);
    return address;
  }

  private async virtualIp(hosts: readonly string[], proposal: string | undefined): Promise<string> {
    const check = (text: string) =>
      problem(ipAddress, text) ??
      (hosts.some((host) => sameHost(host, text))
        ? `'${text}' is the address of a host: it moves between them, and needs one of its own`
        : undefined);
    const hint = proposal === undefined ? '' : `; ${proposal} is none of these hosts, but is it free?`;
    if (this.environment.prompter)
      return this.ask(
        `Virtual IP of the API: an address that no machine has and the router does not give out${hint}`,
        check,
      );
    this.problems.push(
      `several servers need a virtual IP: name an address of their subnet with '--vip ADDRESS'${proposal === undefined ? '' : `, such as ${proposal} if no machine has it and the router does not give it out`}`,
    );
    return '';
  }

  private async pools(proposal: string | undefined): Promise<string[]> {
    const hint = proposal === undefined ? '' : `, such as ${proposal} if all of it is free`;
    const answer = await this.ask(
      `Addresses for services of type LoadBalancer${hint}; Enter to decide later`,
      (text) => list(text).map(poolProblem).find(Boolean),
      '',
    );
    return list(answer);
  }

  private keyUsed(address: string, user: string): string[] {
    const { sshKey } = this.environment;
    if (sshKey.kind === 'file') return [`the key for the hosts is ${sshKey.path}: another with --ssh-key`];
    if (sshKey.kind === 'agent') return [`the SSH agent has the key for the hosts, for ${sshKey.why}`];
    return [
      `there will be an SSH key, for none is in ~/.ssh and no agent runs: make one with 'ssh-keygen -t ed25519', bring it to each host with 'ssh-copy-id ${user}@${address}', and take the # off privateKey`,
    ];
  }

  private askList(message: string, least: number, servers: readonly string[] = []): Promise<string[]> {
    const check = (text: string) =>
      list(text).length < least
        ? 'at least one is needed'
        : (list(text).map(placeProblem).find(Boolean) ?? hostsProblems(list(text), servers)[0]);
    return this.ask(message, check, least === 0 ? '' : undefined).then(list);
  }

  private async ask(
    message: string,
    check: (answer: string) => string | undefined,
    initial?: string,
  ): Promise<string> {
    const answer = await this.environment.prompter?.ask({
      message,
      check,
      ...(initial !== undefined && { initial }),
    });
    if (answer === undefined) throw new Stopped();
    return answer;
  }
}

/** Addresses as people write them, with commas, blanks or both. */
function list(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}
