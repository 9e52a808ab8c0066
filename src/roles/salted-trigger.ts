import { operatorPath } from '../hosts/project-folder';

/**
 * Runs a step again when a user's secret changes. Passwords can be guessed, so their hash is salted with the random
 * token in the same folder, and reveals nothing.
 */
export function saltedTrigger(folder: string, name: string): string {
  const path = operatorPath(folder);
  const file = `"${path}/${name}"`;
  return `\${fileexists(${file}) ? sha256("\${file("${path}/token")}\${file(${file})}") : "none"}`;
}
