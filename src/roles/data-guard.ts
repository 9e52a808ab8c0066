import type { TerraformStack } from 'cdktf';
import { LastApplied } from '../hosts/last-applied';
import type { RemoteStep } from '../hosts/remote-step';
import { leaveData } from '../model/leave-data';
import type { Topology } from '../model/topology';

/** For the step that would create an empty database, as Terraform expressions that are not triggers. */
export const dataGuardEnv = {
  LAST_VERSION: 'local.k3s_version_last',
  LEAVE_DATA: `var.${leaveData}`,
} as const;

/** Steps that give hosts their data, by role. */
export interface DataSteps {
  readonly database: readonly RemoteStep[];
  readonly nfs: readonly RemoteStep[];
}

/** Refuses, at plan time, to give a role with data to hosts without that data. */
export function guardData(stack: TerraformStack, topology: Topology, steps: DataSteps): void {
  stack.addOverride(`variable.${leaveData}`, {
    type: 'bool',
    default: false,
    description: 'Lets the database or the NFS server begin without data on another host, this once.',
  });
  const anyway = `apply once with TF_VAR_${leaveData}=true in the environment`;
  const guard = (role: keyof DataSteps, names: readonly string[], otherwise: string) => {
    const lastApplied = new LastApplied(stack, topology, `${role}-hosts`, '[a-z0-9-]+(?: [a-z0-9-]+)*');
    const before = `split(" ", ${lastApplied.value})`;
    lastApplied.record({
      text: names.join(' '),
      after: steps[role],
      preconditions: [
        {
          condition: `\${var.${leaveData} || ${lastApplied.value} == "" || length(setintersection(${before}, ${JSON.stringify(names)})) > 0}`,
          errorMessage: `The data of the role '${role}' is on \${join(" and ", ${before})}, which does not have this role any more, and ${otherwise} ${anyway}.`,
        },
      ],
    });
  };
  const { database, databases, nfs } = topology;
  // Which one it is, its step on the servers looks at.
  const names = database.external ? ['external'] : databases.map(({ name }) => name);
  guard(
    'database',
    names,
    `${database.external ? 'k3s' : names.join(' and ')} would begin with an empty database: servers would forget everything, and kubelets stop all pods. Take the data along with a backup ('k3s-cdk restore', see docs/how-to/operations.md). On the same machine under a new name the data is there already; for that, or to begin with nothing,`,
  );
  if (nfs)
    guard(
      'nfs',
      [nfs.host.name],
      `${nfs.host.name} has none of the volumes: pods hang, because a volume keeps the address that it was made with. docs/how-to/changes.md says how to move volumes. On the same machine under a new name they are there already; for that, or if none is needed,`,
    );
}
