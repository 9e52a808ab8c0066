import type { RemoteStep } from '../hosts/remote-step';

/** The steps that make a machine fit for its roles. They run apart from each other where they can. */
export interface Machine {
  /** The first. */
  readonly prepare: RemoteStep;
  /** After these, roles can be installed: packages and kernel are there, and the disks of the host. */
  readonly base: readonly RemoteStep[];
  /** After this, other hosts get through to it. */
  readonly firewall: RemoteStep;
}
