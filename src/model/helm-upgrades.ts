/** What k3s's Helm controller does about an upgrade of a chart that fails, in the words of a HelmChart. */
export interface HelmUpgrades {
  /** By default it uninstalls the release, and with it CRDs and every object of their kinds, and reinstalls it. */
  readonly failurePolicy: 'retry' | 'abort';
  /** Whether the chart wins where somebody else has changed a field of its objects; otherwise Helm 4 stops there. */
  readonly forceConflicts: boolean;
}

/** What every k3s can. */
export const anyUpgrades: HelmUpgrades = { failurePolicy: 'abort', forceConflicts: false };

/** Patch and build of k3s since which its Helm controller has `retry` and `forceConflicts`, by minor version. */
const first: Readonly<Record<number, readonly [patch: number, build: number]>> = {
  33: [13, 2],
  34: [10, 1],
  35: [7, 1],
  36: [3, 1],
};

/** How a k3s is told to upgrade charts: as well as it can. */
export function helmUpgrades(k3sVersion: string): HelmUpgrades {
  const [, minor, patch, build] = /^v1\.(\d+)\.(\d+)\+k3s(\d+)$/.exec(k3sVersion)?.map(Number) ?? [];
  const known = hasRetry(minor ?? 0, patch ?? 0, build ?? 0);
  return known ? { failurePolicy: 'retry', forceConflicts: true } : anyUpgrades;
}

function hasRetry(minor: number, patch: number, build: number): boolean {
  const [firstPatch, firstBuild] = first[minor] ?? [];
  if (firstPatch === undefined || firstBuild === undefined) return minor > 36;
  return patch > firstPatch || (patch === firstPatch && build >= firstBuild);
}
