import { ipAddress } from '../../config/schema/primitives';
import { sshUser } from '../../config/schema/ssh';
import { asName, type ClusterFlags, hostsProblems, nameProblem, poolProblem, sameHost } from './flags';
import { place, placeProblem, problem } from './hosts';
import { proposalsFor } from './propose';

/** One question. Options and earlier answers are known as options when it is asked. */
export interface Step {
  /** Where cluster.yaml has the answer: what its rules report there is shown at this question. */
  readonly places: readonly string[];
  readonly isAsked: (known: ClusterFlags) => boolean;
  readonly message: (known: ClusterFlags) => string;
  /** What Enter alone answers. */
  readonly initial: (known: ClusterFlags) => string | undefined;
  /** What is wrong with an answer by itself. */
  readonly problem: (answer: string, known: ClusterFlags) => string | undefined;
  readonly answered: (answer: string, known: ClusterFlags) => ClusterFlags;
}

const always = () => true;
const severalServers = ({ server }: ClusterFlags) => server.length > 1;

/**
 * Without any host on the command line, asks for everything that it does not give; otherwise only for what
 * cannot be assumed.
 */
export function questions(
  flags: ClusterFlags,
  { folderName, localUser }: { readonly folderName: string; readonly localUser: string },
): Step[] {
  const everything = flags.server.length === 0;
  const steps: [isOpen: boolean, step: Step][] = [
    [everything && flags.name === undefined, nameStep(asName(folderName) ?? 'homelab')],
    [everything && flags.user === undefined, userStep(localUser === 'root' ? 'pi' : localUser)],
    [everything, serversStep],
    [everything && flags.agent.length === 0, agentsStep],
    [flags.database === undefined, { ...databaseStep, isAsked: everything ? always : severalServers }],
    [flags.vip === undefined, virtualIpStep],
    [everything && flags.pool.length === 0, poolsStep],
  ];
  return steps.flatMap(([isOpen, step]) => (isOpen ? [step] : []));
}

function nameStep(initial: string): Step {
  return {
    places: ['name'],
    isAsked: always,
    message: () => 'Name of the cluster',
    initial: () => initial,
    problem: (answer) => nameProblem(answer)[0],
    answered: (name, known) => ({ ...known, name }),
  };
}

function userStep(initial: string): Step {
  return {
    places: ['ssh'],
    isAsked: always,
    message: () => 'User on the hosts, who needs sudo without a password',
    initial: () => initial,
    problem: (answer) => problem(sshUser, answer),
    answered: (user, known) => ({ ...known, user }),
  };
}

const ofHosts = ['hosts', 'network'];

const serversStep: Step = {
  places: ofHosts,
  isAsked: always,
  message: () => 'Addresses of the servers (control plane), three for high availability',
  initial: () => undefined,
  problem: (answer) => (list(answer).length === 0 ? 'at least one is needed' : listProblem(answer, [])),
  answered: (answer, known) => ({ ...known, server: list(answer) }),
};

const agentsStep: Step = {
  places: ofHosts,
  isAsked: always,
  message: () => 'Addresses of the agents, which only run pods; Enter for none',
  initial: () => '',
  problem: (answer, { server }) => listProblem(answer, server),
  answered: (answer, known) => ({ ...known, agent: list(answer) }),
};

const databaseStep: Step = {
  places: ofHosts,
  isAsked: always,
  message: () => 'Address of the host for Postgres and NFS, best with an SSD',
  initial: ({ server }) => (server.length === 1 ? place(server[0] ?? '').address : undefined),
  problem: placeProblem,
  answered: (database, known) => ({ ...known, database }),
};

const virtualIpStep: Step = {
  places: ['api'],
  isAsked: severalServers,
  message: (known) => {
    const proposal = proposalsFor(known)?.virtualIp;
    const hint = proposal === undefined ? '' : `; ${proposal} is none of these hosts, but is it free?`;
    return `Virtual IP of the API: an address that no machine has and the router does not give out${hint}`;
  },
  initial: () => undefined,
  problem: (answer, { server, agent, database }) =>
    problem(ipAddress, answer) ??
    ([...server, ...agent, database ?? ''].some((host) => sameHost(host, answer))
      ? `'${answer}' is the address of a host: it moves between them, and needs one of its own`
      : undefined),
  answered: (vip, known) => ({ ...known, vip }),
};

const poolsStep: Step = {
  places: ['metallb', 'addons'],
  isAsked: always,
  message: (known) => {
    const proposal = proposalsFor(known)?.pool;
    const hint = proposal === undefined ? '' : `, such as ${proposal} if all of it is free`;
    return `Addresses for services of type LoadBalancer${hint}; Enter to decide later`;
  },
  initial: () => '',
  problem: (answer) => list(answer).map(poolProblem).find(Boolean),
  answered: (answer, known) => ({ ...known, pool: list(answer) }),
};

function listProblem(answer: string, servers: readonly string[]): string | undefined {
  return list(answer).map(placeProblem).find(Boolean) ?? hostsProblems(list(answer), servers)[0];
}

/** Addresses as people write them, with commas, blanks or both. */
function list(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}
