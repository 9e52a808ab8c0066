import { basename, delimiter, dirname, sep } from 'node:path';
import { shellWord } from '../model/shell-quote';

/** What of the process says how it was called. */
export interface Call {
  /** Path of the script as node was given it, links not followed; the first word where the program is one file. */
  readonly script: string;
  /** Whether the program is one file with its own node (tools/build/executables.js). */
  readonly oneFile: boolean;
  readonly environment: NodeJS.ProcessEnv;
  /** A path as the user would type it here. */
  readonly display: (path: string) => string;
}

/** What the user would type to call this program again: `k3s-cdk`, `npx k3s-cdk` or with a path. */
export function calledAs({ script, oneFile, environment, display }: Call): string {
  if (oneFile) return shellWord(script);
  const folder = dirname(script);
  const linked = basename(script) === 'k3s-cdk';
  if (linked && folder.endsWith(`node_modules${sep}.bin`)) return 'npx k3s-cdk';
  if (linked && environment.PATH?.split(delimiter).includes(folder)) return 'k3s-cdk';
  // In a clone, npm runs the script itself, also for `npx` and `npm run synth`.
  if (environment.npm_command !== undefined) return 'npx k3s-cdk';
  const path = shellWord(display(script));
  if (!linked) return `node ${path}`;
  return path.includes('/') ? path : `./${path}`;
}

/** A text with the commands that it names, all of them `k3s-cdk …`, as the user would type them. JSON stays the same. */
export function withCommandsAs(called: string, text: string): string {
  return called === 'k3s-cdk' || /^[[{]/.test(text)
    ? text
    : text.replace(/(?<=^\s*|'|: )k3s-cdk(?= (?:[a-z]|--))/gm, () => called);
}
