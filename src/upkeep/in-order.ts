import type { Host } from '../model/topology';
import { concurrently } from '../ssh/concurrently';
import { UserError } from '../user-error';

/** Hosts that are worked on together, after those of all stages before. */
export interface Stage {
  readonly name: string;
  readonly hosts: readonly Host[];
  /** How many of them at the same time. */
  readonly atOnce: number;
}

export interface InOrderOptions {
  /** Works on a host until it is proven that the next one may follow. @throws UserError with the reason why not */
  readonly work: (host: Host) => Promise<void>;
  /** Called as a stage begins. */
  readonly onStage: (stage: Stage) => void;
  /** Whether somebody wants it to end: hosts that have begun are finished, no other begins. */
  readonly stopped: () => boolean;
  /** Whether others follow a host that has failed. @default false */
  readonly goOn?: boolean;
}

export interface Outcome {
  readonly done: readonly Host[];
  readonly failed: readonly { readonly host: Host; readonly reason: string }[];
  /** Those that never began. */
  readonly left: readonly Host[];
}

/** Works on hosts in order, the next one only when the one before is proven. */
export async function inOrder(
  stages: readonly Stage[],
  { work, onStage, stopped, goOn = false }: InOrderOptions,
): Promise<Outcome> {
  const done: Host[] = [];
  const failed: Outcome['failed'][number][] = [];
  const left: Host[] = [];
  const ends = () => stopped() || (failed.length > 0 && !goOn);
  for (const stage of stages) {
    if (stage.hosts.length > 0 && !ends()) onStage(stage);
    await concurrently(stage.hosts, stage.atOnce, async (host) => {
      if (ends()) {
        left.push(host);
        return;
      }
      try {
        await work(host);
        done.push(host);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        failed.push({ host, reason: error.message });
      }
    });
  }
  return { done, failed, left };
}
