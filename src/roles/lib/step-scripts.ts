import type { StepFiles } from '../../hosts/remote-step';
import start from '../../hosts/start.sh';
import { oneText, type Script } from '../../model/script';

/**
 * The scripts of a step by the names that they get on the host, with all that they need beside them: how a step starts,
 * and the libraries that they source. Uninstallers are installed without files beside them: they are one
 * text.
 */
export function stepScripts<Scripts extends Readonly<Record<string, Script>>>(
  scripts: Scripts & { readonly 'run.sh': Script },
) {
  const all = Object.entries<Script>(scripts);
  const isAlone = (name: string) => name.startsWith('uninstall-');
  return {
    'start.sh': start.text,
    ...Object.assign({}, ...all.map(([name, { libraries }]) => (isAlone(name) ? {} : libraries))),
    ...Object.fromEntries(all.map(([name, script]) => [name, isAlone(name) ? oneText(script) : script.text])),
  } as StepFiles & { readonly [Name in keyof Scripts]: string };
}

/** Names of the libraries that scripts need beside them wherever a step installs them, for its step.env. */
export function libraryNames(...scripts: readonly Script[]): string {
  return Object.keys(Object.assign({}, ...scripts.map(({ libraries }) => libraries))).join(' ');
}
