import type { Host, Topology } from '../model/topology';

/**
 * What a machine can be, or gets because of what it is: facts alone, pure functions of the topology. What everybody asks of
 * roles, they ask the list (`roles.ts`). Its steps are constructs beside it (`*.step.ts`), which `hosts-stack.ts` orders.
 */
export interface Role {
  /** As its folder is called. */
  readonly name: string;
  isOn(host: Host, topology: Topology): boolean;
  /** What it listens on, on a host that has it. @default - nothing */
  readonly traffic?: (topology: Topology, host: Host) => readonly Traffic[];
  /** What its steps need installed, but for what they install themselves. @default - nothing */
  readonly packages?: (topology: Topology, host: Host) => Packages;
  /** What a machine has once, and may have of somebody else already; the checks of that are in `lib-others.sh`. @default - nothing */
  readonly takesOver?: string;
  /**
   * Uninstallers below `uninstall.d` that a host runs which has the role no longer, in that order.
   *
   * @default - none: it stays until the host leaves
   */
  readonly uninstallers?: (host: Host) => readonly string[];
  /** Space that it needs in `/` and below `/var`, in MB; the largest of a host's roles counts. @default 0 */
  readonly freeSpaceMb?: number;
}

/** Traffic to a host that a role needs. */
export interface Traffic {
  readonly protocol: 'tcp' | 'udp' | 'vrrp';
  /** Empty for protocols that have none. */
  readonly ports: readonly number[];
  /** Whose traffic; `anyone` for what clients use. */
  readonly from: Peers;
  /** The hosts that let it in, as docs/reference/networking.md calls them. */
  readonly on: string;
  /** Programs that may have the ports already, separated by commas. Undefined: preflight does not ask. */
  readonly programs?: string;
  /** Whether nodes keep their pods from it, which would come with the node's address. @default false */
  readonly closedToPods?: boolean;
}

/** `datastore`: servers and database hosts. */
export type Peers = 'anyone' | 'servers' | 'nodes' | 'datastore';

/** Names of packages for one purpose, for each package manager. */
export interface Packages {
  readonly apt: readonly string[];
  readonly dnf: readonly string[];
}
