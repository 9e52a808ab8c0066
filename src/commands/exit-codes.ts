/** What commands exit with, besides 0. */
export const exitCodes = {
  /** Something is wrong, with cluster.yaml, a host or the cluster. */
  failed: 1,
  /** `deploy --plan`: there is something to do. */
  changes: 3,
  /** All was applied, but not everything is up in the time that it was given. */
  notUp: 4,
  /** As shells have it for Ctrl-C. */
  interrupted: 130,
} as const;
