import type { Topology } from '../../model/topology';
import type { Interruption } from '../../programs/interruption';
import type { Confirm } from '../confirm';
import type { Terminal } from '../terminal';
import type { DeployLog } from './deploy-log';
import type { View } from './view';

/** What all stages of one deploy share. */
export interface Deployment {
  readonly topology: Topology;
  /** Folder of cluster.yaml. */
  readonly folder: string;
  /** Folder beside cluster.yaml for this tool's own files; accessible only by the user. */
  readonly scratch: string;
  readonly terminal: Terminal;
  readonly view: View;
  readonly log: DeployLog;
  readonly interruption: Interruption;
  readonly environment: NodeJS.ProcessEnv;
  /** Undefined without a terminal. */
  readonly confirm: Confirm | undefined;
  /** Milliseconds of a clock that only goes forward. */
  readonly clock: () => number;
  /** Reported before the first change of a host or of the cluster. */
  readonly begin: () => void;
}
