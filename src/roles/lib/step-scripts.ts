import type { StepFiles } from '../../hosts/remote-step';
import start from '../../hosts/start.sh';
import type { Script } from '../../model/script';

/**
 * The scripts of a step by the names that they get on the host, with all that they need beside them: how a step starts,
 * and the libraries that they source.
 */
export function stepScripts<Scripts extends Readonly<Record<string, Script>>>(
  scripts: Scripts & { readonly 'run.sh': Script },
) {
  const all = Object.entries<Script>(scripts);
  return {
    'start.sh': start.text,
    ...Object.assign({}, ...all.map(([, { libraries }]) => libraries)),
    ...Object.fromEntries(all.map(([name, { text }]) => [name, text])),
  } as StepFiles & { readonly [Name in keyof Scripts]: string };
}
