import type { Host } from '../model/topology';
import type { DatabaseStatus } from '../roles/database/status';
import type { EtcdStatus } from '../roles/database-cluster/status';
import type { DatastoreStatus } from '../roles/external-database/status';
import type { K3sStatus } from '../roles/k3s/status';
import type { LoadBalancerStatus } from '../roles/load-balancer/status';
import type { NfsStatus } from '../roles/nfs/status';
import type { WatchStatus } from '../roles/watch/status';

/** What is known about one host. Bytes, seconds and degrees Celsius throughout. */
export interface HostStatus {
  readonly name: string;
  readonly address: string;
  readonly roles: Host['roles'];
  /** False when no connection could be made. One that rejects the login, or shows another key, is there. */
  readonly reachable: boolean;
  /** Why it could not be asked, as the rest of a sentence about the host. */
  readonly failure?: string;
  /** Undefined if it could not be queried. */
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
  /** On servers, if somebody else runs the database. */
  readonly datastore?: DatastoreStatus;
  /** On etcd hosts: etcd, which decides which of several database hosts is the primary. */
  readonly etcd?: EtcdStatus;
  /** On NFS servers. */
  readonly nfs?: NfsStatus;
  /** If it looks after itself. */
  readonly watch?: WatchStatus;
}

export interface MachineStatus {
  /** The system's own name: `Debian GNU/Linux 13 (trixie)`. */
  readonly system: string;
  readonly kernel: string;
  /** The board's own name: `Raspberry Pi 5 Model B Rev 1.0`. */
  readonly model?: string;
  readonly uptime: number;
  readonly memory: { readonly total: number; readonly available: number };
  readonly disks: readonly DiskStatus[];
  readonly temperature?: number;
  /** Of a Raspberry Pi; undefined elsewhere. */
  readonly power?: PowerStatus;
  /** How far its clock is ahead of this machine's (less than zero: behind), as far as that is known. */
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
  /** Mounted read-only, as Linux does with a failing disk. */
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
  /** Step that manages it. */
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
