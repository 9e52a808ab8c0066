/** What a deploy exits with, besides 0. */
export const exitCodes = {
  /** Something is wrong, with cluster.yaml, a host or the cluster. */
  failed: 1,
  /** `--plan`: there is something to do. */
  changes: 3,
  /** All was applied, but not everything is up in the time that it was given. */
  notUp: 4,
  /** As shells have it for Ctrl-C. */
  interrupted: 130,
} as const;

/** Ends a deploy. Its lines are for the user, most important first. */
export class DeployError extends Error {
  constructor(
    readonly lines: readonly string[],
    readonly exitCode: number = exitCodes.failed,
    /** Names of hosts that may have been changed by hand. */
    readonly suspects: readonly string[] = [],
  ) {
    super(lines[0]);
  }
}
