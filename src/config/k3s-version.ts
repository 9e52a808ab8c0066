/** Whether a k3s version is older than `major.minor`. A text that is not a version is older than nothing. */
export function isOlderThan(version: string, major: number, minor: number): boolean {
  const [, ownMajor, ownMinor] = /^v(\d+)\.(\d+)\./.exec(version) ?? [];
  if (ownMajor === undefined) return false;
  return Number(ownMajor) < major || (Number(ownMajor) === major && Number(ownMinor) < minor);
}
