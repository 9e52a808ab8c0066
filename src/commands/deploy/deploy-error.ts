import { UserError } from '../../user-error';
import { exitCodes } from '../exit-codes';

/** Ends a deploy. Its lines are for the user, most important first. */
export class DeployError extends UserError {
  constructor(
    readonly lines: readonly string[],
    readonly exitCode: number = exitCodes.failed,
    /** Names of hosts that may have manual changes. */
    readonly suspects: readonly string[] = [],
  ) {
    super(lines[0]);
  }
}
