import type { TerraformStack } from 'cdktf';
import { someNames } from '../model/host-groups';
import type { Topology } from '../model/topology';
import { unknownHosts } from '../model/unknown-hosts';

/** Terraform variable that lets it connect to any host, once. */
const override = 'any_host_key';

/** What a host with an unknown key is compared with: a Terraform expression. */
export const noHostKey = '${local.no_host_key}';

/** Of a type for people's hardware tokens: no SSH client accepts it from a host. */
export const placeholderKey =
  'sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABHNzaDo=';

/**
 * Refuses, at plan time, to connect to hosts with unknown keys: tokens and private keys would go to whoever
 * answers. Unless the variable is set no connection works either, whatever is planned. A validation of the
 * variable, which every such connection refers to, gives one message for all hosts, even for a partial plan.
 */
export function guardHostKeys(stack: TerraformStack, topology: Topology): void {
  const unknown = unknownHosts(topology);
  if (unknown.length === 0) return;
  stack.addOverride(`variable.${override}`, {
    type: 'bool',
    default: false,
    description: 'Lets Terraform talk to whoever answers for a host whose key is not known, this once.',
    validation: [
      {
        condition: `\${var.${override}}`,
        error_message: `No host key is known for ${someNames(unknown)}, so tokens and private keys would go to whoever answers there. Run 'k3s-cdk init', which shows the keys and adds them to known_hosts, then 'k3s-cdk synth'; if you must, apply once with TF_VAR_${override}=true in the environment.`,
      },
    ],
  });
  stack.addOverride('locals.no_host_key', `\${var.${override} ? null : "${placeholderKey}"}`);
}
