import { operatorPath } from '../hosts/project-folder';

/**
 * Runs a step again when a user's secret changes. Passwords can be guessed, so their hash is salted with a random
 * token, and reveals nothing.
 *
 * @param salt file of the token. @default - the one in the same folder
 */
export function saltedTrigger(folder: string, name: string, salt = `${folder}/token`): string {
  const file = `"${operatorPath(folder)}/${name}"`;
  return `\${fileexists(${file}) ? sha256("\${file("${operatorPath(salt)}")}\${file(${file})}") : "none"}`;
}
