import type { Host } from '../model/topology';

/** What is known of one host. Bytes, seconds and degrees Celsius throughout. */
export interface HostStatus {
  readonly name: string;
  readonly address: string;
  readonly roles: Host['roles'];
  readonly reachable: boolean;
  /** Why it is not, or why it could not be asked, as the rest of a sentence about the host. */
  readonly failure?: string;
  /** Undefined when it could not be asked. */
  readonly machine?: MachineStatus;
  readonly units: readonly UnitStatus[];
  /** Steps of Terraform that have run here, and how the last run of each ended. */
  readonly steps: readonly StepStatus[];
  /** Files that differ from what the steps have put here. */
  readonly drift: readonly FileDrift[];
  readonly certificates: readonly CertificateStatus[];
  /** On hosts that run k3s. */
  readonly k3s?: K3sStatus;
  /** On servers behind a virtual IP. */
  readonly loadBalancer?: LoadBalancerStatus;
  /** On database hosts. */
  readonly database?: DatabaseStatus;
  /** On hosts of etcd, which decides which of several database hosts is the primary. */
  readonly etcd?: EtcdStatus;
  /** On NFS servers. */
  readonly nfs?: NfsStatus;
}

export interface MachineStatus {
  /** As the system calls itself: `Debian GNU/Linux 13 (trixie)`. */
  readonly system: string;
  readonly kernel: string;
  /** As the board calls itself: `Raspberry Pi 5 Model B Rev 1.0`. */
  readonly model?: string;
  readonly uptime: number;
  readonly memory: { readonly total: number; readonly available: number };
  readonly disks: readonly DiskStatus[];
  readonly temperature?: number;
  /** Of a Raspberry Pi; undefined elsewhere. */
  readonly power?: PowerStatus;
  /** How far its clock is ahead of this machine's (less than zero: behind), as far as that can be told. */
  readonly clockSkew: number;
  /** Whether it has the time from a time server. */
  readonly clockSynchronized: boolean;
}

export interface DiskStatus {
  /** Where it is mounted. */
  readonly mount: string;
  readonly size: number;
  readonly available: number;
  /** Undefined for file systems that do not count them. */
  readonly inodes?: { readonly total: number; readonly available: number };
  /** Mounted for reading only, which Linux does with a disk that fails. */
  readonly readOnly: boolean;
}

export interface PowerStatus {
  readonly undervoltage: boolean;
  /** Slowed down because of heat or power. */
  readonly throttled: boolean;
  readonly undervoltageSinceBoot: boolean;
  readonly throttledSinceBoot: boolean;
}

export interface UnitStatus {
  readonly name: string;
  /** Of systemd: `active`, `inactive`, `failed`, `activating`, … */
  readonly active: string;
  /** Of systemd: `enabled`, `disabled`, `masked`, `static`, …; empty when there is no such unit. */
  readonly enabled: string;
  readonly restarts: number;
  /** Step that takes care of it. */
  readonly step?: string;
}

export interface StepStatus {
  readonly name: string;
  readonly state: 'finished' | 'running' | 'unfinished';
}

export interface FileDrift {
  readonly path: string;
  /** Step that has put it there. */
  readonly step: string;
  /** `content`: changed. `mode`: other owner or permissions. `link`: leads elsewhere. `missing`: gone. */
  readonly kind: 'content' | 'mode' | 'link' | 'missing';
  /** For modes and links: what it should be and what it is. */
  readonly expected?: string;
  readonly found?: string;
}

export interface CertificateStatus {
  readonly path: string;
  /** ISO 8601. */
  readonly expires: string;
}

export interface K3sStatus {
  /** Version that is installed: `vX.Y.Z+k3sN`. */
  readonly version?: string;
  /** Whether a kubelet is wanted here; without one it is no node. */
  readonly kubelet: boolean;
  /** On servers: whether the API answers, and if not, what it said. */
  readonly api?: { readonly answers: boolean; readonly reason?: string };
  /** On servers: the nodes, as this server has them. */
  readonly nodes: readonly NodeStatus[];
  /** On servers whose API answers, but does not list the nodes: what it said, or nothing. */
  readonly nodesFailure?: string;
  /** On servers: why the database would not take a new connection, or why k3s would not take the database. */
  readonly datastoreFailure?: string;
}

export interface NodeStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly version: string;
  /** False when it is cordoned. */
  readonly schedulable: boolean;
  /** `DiskPressure` and the like. */
  readonly conditions: readonly string[];
}

export interface LoadBalancerStatus {
  readonly holdsVirtualIp: boolean;
  /** Servers of the API as haproxy sees them; empty when haproxy does not answer. */
  readonly backends: readonly { readonly name: string; readonly up: boolean; readonly check: string }[];
}

export interface DatabaseStatus {
  /** State of its unit: `active`, `failed`, … */
  readonly unit: string;
  /** Undefined when Postgres does not answer. */
  readonly postgres?: PostgresStatus;
  /** What it said instead. */
  readonly error?: string;
  /**
   * What its image was when it was first fetched, which it is fetched by since then. Undefined in an air gap, for an image
   * that cluster.yaml names by digest, and for one that was there before it was noted.
   */
  readonly image?: { readonly name: string; readonly digest: string };
  /** Undefined before the first try. */
  readonly backup?: BackupStatus;
  /** With several database hosts: all that etcd knows, as this one says; empty when its Patroni does not answer. */
  readonly members?: readonly DatabaseMemberStatus[];
}

export interface DatabaseMemberStatus {
  readonly name: string;
  /** As Patroni calls it: `leader`, `sync_standby` (it has everything), `replica`. */
  readonly role: string;
  /** As Patroni calls it: `running`, `streaming`, `starting`, `stopped`, … */
  readonly state: string;
  /** Bytes behind the primary; undefined when that is not known. */
  readonly lag?: number;
}

export interface EtcdStatus {
  /** State of its unit: `active`, `activating` while it looks for a cluster, … */
  readonly unit: string;
  /** Whether it takes part in a majority. */
  readonly healthy: boolean;
}

export interface BackupStatus {
  /** The last good one, ISO 8601; undefined when there is none. */
  readonly last?: string;
  /** Where it is on the host. */
  readonly file?: string;
  readonly size?: number;
  /** When one has failed since, ISO 8601. */
  readonly failed?: string;
}

export interface PostgresStatus {
  readonly version: string;
  readonly connections: number;
  readonly maxConnections: number;
  /** Of the whole database. */
  readonly size: number;
  /** k3s's table; rows are estimates of Postgres. Dead ones are what has been overwritten and not cleaned up. */
  readonly kine: { readonly size: number; readonly rows: number; readonly deadRows: number };
}

export interface NfsStatus {
  /** How many clients the directory is exported to; 0 when it is not. */
  readonly clients: number;
}
