import { createHash } from 'node:crypto';
import type { HostStep } from '../model/host-step';

/** A step's file when it was last applied, and now. Undefined: there is none. */
export interface FileDifference {
  readonly name: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

interface Applied {
  /** Contents by their hash: hosts of a role share most of them. */
  readonly texts: Readonly<Record<string, string>>;
  /** Hashes by name, by address of the step. */
  readonly steps: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * What steps uploaded when they last ran, so that a plan can show which lines differ: Terraform's state has
 * only hashes. Known for steps that were deployed from this folder.
 */
export class AppliedFiles {
  private readonly steps: Map<string, Readonly<Record<string, string>>>;
  private readonly texts: Map<string, string>;

  /** @param json what `toJson` has returned; anything else counts as nothing */
  constructor(json: string | undefined) {
    const { steps, texts } = parseApplied(json);
    this.steps = new Map(Object.entries(steps));
    this.texts = new Map(Object.entries(texts));
  }

  /** A step has run. */
  record({ address, files }: HostStep): void {
    this.steps.set(
      address,
      Object.fromEntries(
        Object.entries(files).map(([name, text]) => {
          const key = hash(text);
          this.texts.set(key, text);
          return [name, key];
        }),
      ),
    );
  }

  /** Files that differ from those of the last run, sorted; undefined when that run is not known. */
  differences({ address, files }: HostStep): FileDifference[] | undefined {
    const applied = this.steps.get(address);
    if (!applied) return undefined;
    const texts = Object.entries(applied).map(([name, key]) => [name, this.texts.get(key)] as const);
    return fileDifferences(Object.fromEntries(texts), files);
  }

  /** Without what no step in `addresses` refers to. */
  toJson(addresses: readonly string[]): string {
    const steps = Object.fromEntries(
      addresses.flatMap((address) => {
        const files = this.steps.get(address);
        return files ? [[address, files] as const] : [];
      }),
    );
    const used = new Set(Object.values(steps).flatMap((files) => Object.values(files)));
    const texts = Object.fromEntries([...this.texts].filter(([key]) => used.has(key)));
    return JSON.stringify({ texts, steps } satisfies Applied);
  }
}

/** Files that differ, sorted. */
export function fileDifferences(
  before: Readonly<Record<string, string | undefined>>,
  after: HostStep['files'],
): FileDifference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name) =>
    before[name] === after[name] ? [] : [{ name, before: before[name], after: after[name] }],
  );
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function parseApplied(json: string | undefined): Applied {
  try {
    const { texts, steps } = JSON.parse(json ?? '{}');
    return { texts: texts ?? {}, steps: steps ?? {} };
  } catch {
    return { texts: {}, steps: {} };
  }
}
