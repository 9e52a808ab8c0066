import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Commands of docs/how-to/volumes.md, as they stand there. */
export interface VolumePage {
  /** Of the whole export, in a timer: a line each. */
  readonly regularly: string;
  /** Which folder the volume of a claim is in. */
  readonly find: string;
  /** Stops what writes. */
  readonly stop: string;
  /** Brings one folder back. */
  readonly restore: string;
}

/** @param names what stands for the words in capitals */
export function volumePage(names: Readonly<Record<string, string>>): VolumePage {
  const page = readFileSync(join(__dirname, '../../../docs/how-to/volumes.md'), 'utf8');
  const found = (what: RegExp) => {
    const [, text] = what.exec(page) ?? [];
    if (text === undefined) throw new Error(`the page on volumes has nothing like ${what}`);
    return Object.entries(names).reduce(
      (line, [name, value]) => line.replaceAll(new RegExp(`\\b${name}\\b`, 'g'), value),
      text,
    );
  };
  return {
    regularly: found(/^((?: {4}restic .*\n){2,})/m),
    find: found(/^ {4}(kubectl get pv .*)$/m),
    stop: found(/`(kubectl -n NAMESPACE scale [^`]*)`/),
    restore: found(/`(restic restore [^`]*)`/),
  };
}
