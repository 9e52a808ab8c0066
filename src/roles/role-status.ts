import type { Script } from '../model/script';
import type { Host, Topology } from '../model/topology';
import type { Answer } from '../status/answer';
import type { HostStatus } from '../status/host-status';
import type { Problem } from '../status/problem';

/**
 * What `k3s-cdk status` asks about a role, and how it judges the answers. Members that are left out are not
 * asked.
 */
export interface RoleStatus {
  /** Units of systemd that a host which has it needs, whatever has been applied to it. */
  readonly units?: (topology: Topology, host: Host) => readonly string[];
  /** Folders whose file systems are of interest. */
  readonly folders?: (topology: Topology, host: Host) => readonly string[];
  /** Certificates, as patterns of bash. */
  readonly certificates?: (topology: Topology, host: Host) => readonly string[];
  readonly probe?: RoleProbe;
  /** Its part of a host's answer. @throws AnswerError */
  readonly read?: (answer: Answer, host: Host) => Partial<HostStatus>;
  /**
   * Hosts whose answers contradict each other, when something may have moved between the moments of their answers. They
   * are asked again before anybody judges.
   */
  readonly unsettled?: (topology: Topology, hosts: readonly HostStatus[]) => readonly string[];
  /** Problems that show in all hosts together. */
  readonly problems?: (topology: Topology, hosts: readonly HostStatus[], now: Date) => Iterable<Problem>;
  /** Steps of a host that repair something which their records do not show. */
  readonly repeat?: (host: HostStatus, now: Date) => readonly string[];
  /** Lines for people about the hosts together: a name, then a text. */
  readonly rows?: (topology: Topology, hosts: readonly HostStatus[]) => Iterable<readonly [string, string]>;
}

/** What is run on a host that has the role, as root. It changes nothing. */
export interface RoleProbe {
  /** Functions; probe.sh has `tell`. */
  readonly script: Script;
  /** Those that are called, beside others at the same time. */
  readonly calls: readonly string[];
  /** Variables that they read, beside `HOST` and `PATIENCE`, the seconds that a program has for an answer. */
  readonly inputs: (topology: Topology, host: Host) => Readonly<Record<string, string>>;
}
