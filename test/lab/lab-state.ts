import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabConfig } from './lab-config';
import { networkExists } from './lab-network';
import { runDirectory } from './paths';
import { isAlive, type ProcessIdentity } from './process-identity';

/** What `down` needs to know of a lab whose process may be long gone. Written before anything is started. */
export interface LabState {
  readonly config: LabConfig;
  readonly namespace: string;
  /** The lab goes when this process goes; undefined: it stays until `down`. */
  readonly owner?: ProcessIdentity;
}

export function labDirectory(name: string): string {
  return join(runDirectory, name);
}

export function writeState(state: LabState): void {
  const directory = labDirectory(state.config.name);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(join(directory, 'state.json'), JSON.stringify(state, null, 2));
}

export function readState(name: string): LabState | undefined {
  const file = join(labDirectory(name), 'state.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as LabState) : undefined;
}

/** Every lab that is up or has left something. */
export function allStates(): LabState[] {
  if (!existsSync(runDirectory)) return [];
  return readdirSync(runDirectory)
    .sort()
    .flatMap((name) => readState(name) ?? []);
}

/** Whether nobody is there to take the lab down: its owner died, or the machine was restarted. */
export function isAbandoned({ owner, namespace }: LabState): boolean {
  return owner ? !isAlive(owner) : !networkExists(namespace);
}
