import type { TerraformStack } from 'cdktf';
import type { Host, Topology } from '../model/topology';
import { LastApplied } from './last-applied';
import { machineIdentity } from './machine-identity';
import type { RemoteStep } from './remote-step';

/**
 * Refuses, at plan time, to turn a machine that has been one host into another while the first one stays in
 * the cluster on another machine. Two hosts that swap machines would meanwhile be two nodes of one name, and
 * k3s lets only one of them in.
 *
 * @param steps the first ones of all hosts: a machine becomes a host when its first step has run
 */
export function guardMachines(stack: TerraformStack, topology: Topology, steps: readonly RemoteStep[]): void {
  const now = topology.hosts.flatMap((host) => {
    const machine = shortIdentity(host);
    return machine === undefined ? [] : [[host.name, machine] as const];
  });
  const form = '[a-z0-9.-]+=[A-Za-z0-9+/]+';
  const lastApplied = new LastApplied(stack, topology, 'host-machines', `${form}(?: ${form})*`);
  const before = `[for each in compact(split(" ", ${lastApplied.value})) : split("=", each)]`;
  // Machines may share keys: copies of one system disk.
  const others = `[for other in lookup(local.hosts_before, machine, []) : other if other != name && lookup(local.machines_now, other, machine) != machine]`;
  const locals = {
    machines_now: Object.fromEntries(now),
    machines_before: `\${{ for each in ${before} : each[0] => each[1] }}`,
    hosts_before: `\${{ for each in ${before} : each[1] => each[0]... }}`,
    traded_machines: `\${[for name, machine in local.machines_now : "\${name} the one of \${join(" and ", ${others})}" if lookup(local.machines_before, name, "") != machine && length(${others}) > 0]}`,
  };
  for (const [name, value] of Object.entries(locals)) stack.addOverride(`locals.${name}`, value);
  lastApplied.record({
    text: now.map((pair) => pair.join('=')).join(' '),
    after: steps,
    preconditions: [
      {
        condition: '${length(local.traded_machines) == 0}',
        errorMessage:
          'Hosts cannot trade machines in one apply (${join(", ", local.traded_machines)}, by the SSH host keys of their addresses): for a while two machines would be a node of the same name. Give each its own address again; or take them out of cluster.yaml, deploy, put them in again as they are to be, and deploy.',
      },
    ],
  });
}

/** Enough to distinguish machines; those of a fleet fit into one command. */
function shortIdentity(host: Host): string | undefined {
  return host.hostKey && machineIdentity(host).replace('SHA256:', '').slice(0, 16);
}
