import { nameList } from '../../model/host-groups';
import { membershipAddress } from '../../model/step-address';
import type { PlannedChanges } from '../../terraform/planned-changes';
import type { StepOutput } from '../../terraform/step-output';

/** The last line of a host's departure: `leave.sh`. */
const hasLeft = / has left the cluster$/;

/** The command that its owner runs on such a host. */
const uninstallCommand = `for script in $(ls -r /usr/local/lib/k3s-cdk/uninstall.d); do sudo bash "/usr/local/lib/k3s-cdk/uninstall.d/$script"; done`;

/** A host that has left the cluster, but still has something of it. */
export interface LeftoverHost {
  readonly host: string;
  /** Its own errors. Empty when it could not be reached. */
  readonly errors: readonly string[];
  /** The host that its machine is now. @default - none */
  readonly becomes: string | undefined;
}

/**
 * Those among the leaving hosts: for Terraform they are gone in any case, because a dead one must not hold up
 * the others.
 */
export function leftoverHosts(
  { leaving, renamed }: Pick<PlannedChanges, 'leaving' | 'renamed'>,
  output: StepOutput,
): LeftoverHost[] {
  return leaving.flatMap((host) => {
    const { lines, errors } = output.of(membershipAddress(host));
    return lines.some((line) => hasLeft.test(line)) ? [] : [{ host, errors, becomes: renamed.get(host) }];
  });
}

/** What is wrong, and what to do. Nothing when all have left. */
export function leftoverLines(leftover: readonly LeftoverHost[]): string[] {
  const silent = leftover.filter(({ errors }) => errors.length === 0).map(({ host }) => host);
  const lines = [
    ...leftover.flatMap(({ errors }) => errors.map((error) => `warning: ${error}`)),
    ...(silent.length > 0
      ? [
          `warning: ${nameList(silent)} could not be reached, so everything is still installed on ${silent.length === 1 ? 'it' : 'them'}`,
        ]
      : []),
  ];
  // What a host in use has belongs to its new role.
  const gone = leftover.filter(({ becomes }) => becomes === undefined).map(({ host }) => host);
  if (gone.length === 0) return lines;
  return [
    ...lines,
    `run on ${nameList(gone)} before ${gone.length === 1 ? 'it is' : 'they are'} used again, or reinstall: ${uninstallCommand}`,
  ];
}
