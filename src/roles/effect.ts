import type { Outage } from './outages';

/** What a change of a step does to what runs on the host. */
export interface Effect {
  readonly step: string;
  /**
   * Whose change it is of: files of the step, parameters of its step.env, or triggers that the plan shows under a name
   * of their own.
   */
  readonly of: readonly string[];
  /** How people call them. @default - by these names */
  readonly called?: string;
  /** Others whose change has an effect of its own that comprises this one. @default - none */
  readonly unless?: readonly string[];
  /** A sentence without its end. */
  readonly does: string;
  /** What has been measured of it. @default - nothing: clients do not notice */
  readonly outage?: Outage;
  /** Whether a reviewer should think about when to do it. @default false */
  readonly care?: true;
}
