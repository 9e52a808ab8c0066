import { familyOf } from '../net/address';
import { placeholder } from './look-alikes';
import { quote } from './quote';

/** Kubernetes is made for so many nodes. */
export const maxHosts = 5000;

const range = /^([^[\]]*)\[(\d{1,9})-(\d{1,9})\]([^[\]]*)$/;

/** What a range stands for, or why it is none. */
export type HostRange =
  | { readonly texts: readonly string[]; readonly problem?: undefined }
  | { readonly texts?: undefined; readonly problem: string };

/** Whether brackets in a name or an address are meant as a range. */
export function isMeantAsRange(text: string): boolean {
  return /[[\]]/.test(text) && familyOf(text.slice(1, -1)) !== 6 && placeholder(text) === undefined;
}

/** The texts that `agent[01-40]` stands for: agent01, agent02, … */
export function hostRange(text: string): HostRange {
  const [, before = '', first, last, after = ''] = range.exec(text) ?? [];
  if (first === undefined || last === undefined)
    return {
      problem: `${quote(text)} is not a range: write one like agent[01-40], from the first number to the last`,
    };
  const [from, to] = [Number(first), Number(last)];
  if (from > to)
    return { problem: `${quote(text)} is not a range: its last number is smaller than its first` };
  const width = Math.max(first.length, last.length);
  const padded = [first, last].some((number) => /^0\d/.test(number));
  if (padded && first.length !== last.length) {
    const equal = [first, last].map((number) => number.padStart(width, '0')).join('-');
    return { problem: `the numbers of ${quote(text)} differ in length: write ${before}[${equal}]${after}` };
  }
  if (to - from >= maxHosts)
    return {
      problem: `${quote(text)} stands for ${to - from + 1} hosts: Kubernetes is made for at most ${maxHosts}`,
    };
  const texts = Array.from({ length: to - from + 1 }, (_, n) => {
    const number = String(from + n);
    return `${before}${padded ? number.padStart(width, '0') : number}${after}`;
  });
  return { texts };
}
