/** What the state records of what was applied, for plans to compare with: `terraform_data.k3s_version`. */
export const recordKinds = [
  'k3s-version',
  'database-hosts',
  'nfs-hosts',
  'host-machines',
  'fixed-settings',
] as const;
export type RecordKind = (typeof recordKinds)[number];

/** The variable that brings them to the next plan: all outputs of the last one, of which each record is one. */
export const lastAppliedVariable = 'last_applied';
