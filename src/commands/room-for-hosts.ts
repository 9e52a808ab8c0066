/** Of the screen: what else is to be seen with the hosts has the other half. */
const part = 0.5;

/** Lines for hosts on a screen of so many lines; without one, as many as there are. */
export function roomForHosts(height: number | undefined): number {
  return height === undefined ? Number.POSITIVE_INFINITY : Math.floor(height * part);
}
