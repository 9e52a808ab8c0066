import type { Confirm } from '../confirm';
import type { Screen } from './live-view';

export interface DeployOptions {
  /** cluster.yaml. */
  readonly file: string;
  /** Say what would change, and change nothing. */
  readonly plan: boolean;
  /** Names, groups and ranges of the hosts that a plan shows. @default - all */
  readonly hosts?: string | undefined;
  /** Leave the manifests of `dist` to who applies them, such as Flux or Argo CD. */
  readonly hostsOnly: boolean;
  /** Answers whether hosts and objects that are gone from cluster.yaml may be removed, and blank disks formatted. */
  readonly yes: boolean;
  /** Answers whether the database may be replaced by that of another host. */
  readonly replaceDatabase: boolean;
  /** Minutes to wait until everything is up; false not to wait. */
  readonly wait: number | false;
}

export interface DeployContext {
  readonly now: Date;
  /** Milliseconds of a clock that only goes forward. */
  readonly clock: () => number;
  /** Undefined without a terminal. */
  readonly confirm: Confirm | undefined;
  /** Undefined if it cannot draw: prints a line for every event instead. */
  readonly screen: Screen | undefined;
  readonly environment: NodeJS.ProcessEnv;
  /** The file that kubectl reads, and writes. */
  readonly kubeconfig: string;
  /** Calls `handler` on Ctrl-C and the like, until the returned function is called. */
  readonly onInterrupt: (handler: () => void) => () => void;
}
