import type { TerraformStack } from 'cdktf';
import type { Topology } from '../model/topology';
import { someNames, unknownHosts } from '../model/unknown-hosts';

/** Variable of Terraform that lets it talk to anybody, once. */
const override = 'any_host_key';

/** What a host is compared with whose key is not known: an expression of Terraform. */
export const noHostKey = '${local.no_host_key}';

/** Of a type that is for people with a hardware token: no client of SSH accepts it of a host. */
export const placeholderKey =
  'sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABHNzaDo=';

/**
 * Refuses, at plan time, to talk to hosts whose key is not known: tokens and private keys would go to whoever answers.
 * Without the variable's yes no connection works either, whatever is planned. A validation of the variable, which every such
 * connection refers to, is one message for all hosts, also for a plan of a part.
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
