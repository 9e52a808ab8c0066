import type { RemoteStep } from '../hosts/remote-step';

/** The steps that prepare a machine for its roles. They run in parallel where they can. */
export interface Machine {
  /** The first. */
  readonly prepare: RemoteStep;
  /** After these, roles can be installed: packages and kernel are there, and the disks of the host. */
  readonly base: readonly RemoteStep[];
  /** After this, other hosts can reach it. */
  readonly firewall: RemoteStep;
}
