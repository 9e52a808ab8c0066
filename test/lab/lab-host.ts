import type { Architecture } from './architecture';
import type { CommandOptions, CommandResult } from './command';
import type { HostConfig, LabConfig } from './lab-config';

/** One real systemd host of a lab: a container or a virtual machine. */
export interface LabHost {
  readonly name: string;
  /** First address, without prefix length. */
  readonly address: string;
  readonly user: string;
  readonly port: number;

  /**
   * Switches the host on; resolves when its SSH server listens. Throws with the end of its console when it does not.
   *
   * @param signal nobody waits any more
   */
  boot(signal?: AbortSignal): Promise<void>;
  isRunning(): boolean;
  /** Pulls the plug: no process gets to know, the network is gone at once. What was written stays. */
  powerOff(): Promise<void>;
  /** Orderly reboot from inside; resolves when the SSH server listens again. */
  reboot(): Promise<void>;
  /**
   * Runs a shell script as root, without SSH: for checks that must not count as connections.
   * It is not part of any unit or session of the host. `args` are its `$1`, `$2`, ….
   */
  exec(
    script: string,
    options?: CommandOptions & { readonly args?: readonly string[] },
  ): Promise<CommandResult>;
  /** How many SSH connections the host's sshd has accepted in its life, those that did not log in included. */
  sshConnections(): Promise<number>;
  /** Seconds of this machine's processors that the host has taken since it was switched on. */
  processorTime(): number;
  /** The console's output and the journal's last lines. */
  logs(): Promise<string>;
  /** Ends every process and removes what the host has on the machine. Data and all. */
  destroy(): Promise<void>;
}

/** What a host gets from the lab it is in. */
export interface LabContext {
  /** Name of the network namespace with the bridge and the operator. */
  readonly namespace: string;
  /** The host's own directory. Exists, and is removed after `destroy`. */
  readonly directory: string;
  /** Place of the host in the lab, from 0. */
  readonly index: number;
  /** `address/length gateway` for each address. */
  readonly routes: readonly string[];
}

/** Path of a list of packages, and for what they are. */
export interface PackageList {
  readonly list: string;
  readonly arch: Architecture;
}

/** Containers, or virtual machines. */
export interface HostKind {
  /** Why hosts of this kind cannot run here, one phrase each; empty when they can. Installs nothing. */
  missing(): string[];
  /** Debian packages of programs that hosts of this kind need on the machine. */
  readonly packages: Readonly<Record<string, string>>;
  /** What of Debian is downloaded once, for hosts of these architectures. */
  packageLists(architectures: readonly Architecture[]): readonly PackageList[];
  /** What a lab of these hosts costs, for people; throws when this machine has not got it. */
  price(config: LabConfig): Promise<string>;
  /** Makes the cached parts that a lab's hosts need. Long when nothing is cached, otherwise nothing to do. */
  prepare(config: LabConfig): Promise<void>;
  /** A host that is off. Its directory holds `identity/`, files that the host's root gets before its first boot. */
  host(config: HostConfig, context: LabContext): LabHost;
}
