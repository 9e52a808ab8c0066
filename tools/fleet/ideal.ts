import { stepResource } from '../../src/model/step-address';
import type { Ran } from './fleet';

export interface Ideal {
  /** Seconds of the steps that wait for each other, the longest of such chains. */
  readonly longestChain: number;
  /** What no order of these steps with so many at once can be shorter than. */
  readonly seconds: number;
}

const sum = (steps: readonly Ran[]) => steps.reduce((total, { seconds }) => total + seconds, 0);

/** @param dependencies by the address of a resource, those that it waits for */
export function idealOf(
  ran: readonly Ran[],
  dependencies: ReadonlyMap<string, readonly string[]>,
  parallelism: number,
): Ideal {
  const own = new Map(ran.map(({ host, step, seconds }) => [stepResource('builtin', host, step), seconds]));
  // Hosts leave side by side, before anything else.
  const departures = ran.filter(({ step }) => step === 'remove-node' || step === 'leave');
  const leaving = (name: string) => sum(departures.filter(({ host }) => host === name));
  own.set('terraform_data.membership', Math.max(0, ...departures.map(({ host }) => leaving(host))));
  const ends = new Map<string, number>();
  const end = (address: string): number => {
    const known = ends.get(address);
    if (known !== undefined) return known;
    const before = (dependencies.get(address) ?? []).map(end);
    const result = Math.max(0, ...before) + (own.get(address) ?? 0);
    ends.set(address, result);
    return result;
  };
  const longestChain = Math.max(0, ...[...dependencies.keys()].map(end));
  const inTurn = ran.filter(({ lanes }) => lanes !== undefined);
  const turns = sum(inTurn) / (inTurn[0]?.lanes ?? 1);
  return { longestChain, seconds: Math.max(longestChain, turns, sum(ran) / parallelism) };
}
