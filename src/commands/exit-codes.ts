/** Exit codes of commands, besides 0. */
export const exitCodes = {
  /** Something is wrong, with cluster.yaml, a host or the cluster. */
  failed: 1,
  /** A command line that cannot be understood; `failed` is for everything that is wrong with what it names. */
  usage: 2,
  /** `deploy --plan`, `diff`: there is something to do. */
  changes: 3,
  /** Everything was applied, but not all of it came up in time, or hosts that are off were left out. */
  notUp: 4,
  /** A mistake of this program. */
  internal: 70,
  /** As in shells for Ctrl-C. */
  interrupted: 130,
} as const;
