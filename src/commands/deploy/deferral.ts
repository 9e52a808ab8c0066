import { deferredVariable, isDeferrable } from '../../model/deferral';
import { nameList } from '../../model/host-groups';
import { shellWord } from '../../model/shell-quote';
import type { Host } from '../../model/topology';
import { stackPath } from '../../output/stack-folder';
import type { Problem } from '../../status/problem';

/** Names of hosts that do not answer. */
export function hostsThatAreOff(problems: readonly Problem[]): ReadonlySet<string> {
  return new Set(problems.flatMap(({ code, host }) => (code === 'unreachable' && host) || []));
}

/** Names of those of some hosts that do not answer, and that the others do not need. */
export function deferredHosts(hosts: readonly Host[], problems: readonly Problem[]): string[] {
  const off = hostsThatAreOff(problems);
  return hosts.filter((host) => isDeferrable(host) && off.has(host.name)).map(({ name }) => name);
}

/** More names make a line that nobody can copy: a program gets them. */
const maxNamed = 4;

/** What is left for the next time, and what to pass to Terraform instead. @param file option of other commands */
export function deferralLines(names: readonly string[], again: string, file: string): string[] {
  const [are, them] = names.length === 1 ? ['it is', 'it'] : ['they are', 'them'];
  return [
    `deferred: ${nameList(names)}. When ${are} on, run '${again}', which brings ${them} up to date`,
    'until then, with Terraform alone:',
    `  terraform -chdir=cdktf.out/${stackPath} apply ${deferralOption(names, file)}`,
  ];
}

/** As a shell takes it. */
export function deferralOption(names: readonly string[], file: string): string {
  if (names.length <= maxNamed) return `-var ${shellWord(`${deferredVariable}=${JSON.stringify(names)}`)}`;
  return `-var "${deferredVariable}=$(k3s-cdk doctor${file} --json | jq -c .deferred)"`;
}
