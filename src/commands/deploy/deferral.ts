import { isDeferrable } from '../../model/deferral';
import type { Host } from '../../model/topology';
import { stackPath } from '../../output/stack-folder';
import type { Problem } from '../../status/problem';

/** A host that is off, and that the others do not need. */
export interface DeferredHost {
  readonly name: string;
  /** What was tried, as a sentence about it. */
  readonly reason: string;
}

/** Those of some hosts that do not answer and may be left out. */
export function deferredHosts(hosts: readonly Host[], problems: readonly Problem[]): DeferredHost[] {
  return hosts.filter(isDeferrable).flatMap(({ name }) => {
    const problem = problems.find((each) => each.host === name && each.code === 'unreachable');
    return problem ? [{ name, reason: problem.message }] : [];
  });
}

/** What is left for the next time, and what to pass to Terraform instead. */
export function deferralLines(hosts: readonly DeferredHost[], again: string): string[] {
  const names = hosts.map(({ name }) => name);
  return [
    `deferred: ${names.join(', ')}. When ${names.length === 1 ? 'it is' : 'they are'} on, run '${again}', which brings ${names.length === 1 ? 'it' : 'them'} up to date`,
    `until then, with Terraform alone: terraform -chdir=cdktf.out/${stackPath} apply ${deferralOption(names)}`,
  ];
}

/** As a shell takes it. */
export function deferralOption(names: readonly string[]): string {
  return `-var 'deferred=${JSON.stringify(names)}'`;
}
