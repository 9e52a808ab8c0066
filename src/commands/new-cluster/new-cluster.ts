import type { Role } from '../../config/config';

/** The contents of a first cluster.yaml. */
export interface NewCluster {
  readonly name: string;
  readonly user: string;
  /** Path as it is written, `~` allowed. Undefined: the SSH agent. */
  readonly privateKey?: string;
  /** Hosts with data first, then servers, then agents. */
  readonly hosts: readonly NewHost[];
  readonly virtualIp?: string;
  /** Pools of MetalLB; empty for none. */
  readonly pools: readonly string[];
  /** A range that no host is in, to be offered in a comment. */
  readonly proposedPool?: string;
  readonly k3sVersion: string;
}

export interface NewHost {
  readonly name: string;
  readonly address: string;
  readonly roles: readonly Role[];
}

/** What people specify, on the command line or when asked. Addresses may be given as `NAME=ADDRESS`. */
export interface Places {
  readonly servers: readonly string[];
  readonly agents: readonly string[];
  readonly database: string;
  /** Undefined: no NFS server. */
  readonly nfs?: string;
}
