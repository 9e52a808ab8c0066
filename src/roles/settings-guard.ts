import type { TerraformStack } from 'cdktf';
import { LastApplied } from '../hosts/last-applied';
import { projectFolder } from '../hosts/project-folder';
import type { RemoteStep } from '../hosts/remote-step';
import { escapeTemplate } from '../hosts/template-literal';
import { type FixedSettings, fixedSettings, settingsText } from '../model/fixed-settings';
import { leaveData } from '../model/leave-data';
import { carryOver, renamedCluster } from '../model/renamed-cluster';
import { defaultStateFile, stateFile } from '../model/state-file';
import type { Topology } from '../model/topology';

/** Terraform variable that allows changing any of them, once. */
const override = 'change_fixed_settings';

/** For the step that compares the database's settings, as a Terraform expression that is not a trigger. */
export const settingsGuardEnv = { CHANGE_SETTINGS: `var.${override}` } as const;

interface Refusal {
  /** Begins the sentence. */
  readonly subject: string;
  /** The consequences: whole sentences. */
  readonly because: string;
  /** What to do instead of reverting it. */
  readonly instead: string;
  /** Variable that allows it. */
  readonly unless: string;
}

/**
 * Refuses, at plan time, to change what a running cluster cannot change, and to create a renamed cluster
 * again beside the old.
 *
 * What the cluster has is recorded when its first server runs. Where nothing is recorded, the database's step compares with
 * what the data was made with.
 */
export function guardSettings(
  stack: TerraformStack,
  topology: Topology,
  firstServer: readonly RemoteStep[],
): void {
  stack.addOverride(`variable.${override}`, {
    type: 'bool',
    default: false,
    description: 'Lets settings change that a running cluster keeps, this once.',
  });
  const lastApplied = new LastApplied(
    stack,
    topology,
    'fixed-settings',
    '[a-z0-9.-]+=[\\w@%+=:,./-]*(?: [a-z0-9.-]+=[\\w@%+=:,./-]*)*',
  );
  const before = 'local.fixed_settings_before';
  stack.addOverride(
    'locals.fixed_settings_before',
    `\${{ for pair in regexall("([^ =]+)=([^ ]*)", ${lastApplied.value}) : pair[0] => pair[1] }}`,
  );
  const settings = { ...fixedSettings(topology), ...nfsExport(topology), ...ownerOfState(topology) };
  lastApplied.record({
    text: settingsText(settings),
    after: firstServer,
    preconditions: [
      noForgottenState(stack, topology),
      ...Object.entries(settings).map(([name, value]) => {
        const { subject, because, instead, unless } = refusal(name, value);
        return {
          condition: `\${var.${unless} || lookup(${before}, "${name}", "${value}") == "${value}"}`,
          errorMessage: `${subject} is \${lookup(${before}, "${name}", "")} in this cluster, and cannot become ${value} while it runs. ${because} Set it back. ${instead}, apply once with TF_VAR_${unless}=true in the environment.`,
        };
      }),
    ],
  });
}

/**
 * A volume keeps the address and the folder that it was created with. The data guard covers what another host
 * exports.
 */
function nfsExport({ nfs }: Topology): Readonly<Record<string, string>> {
  return nfs ? { [`nfs.${nfs.host.name}`]: `${nfs.host.nodeIps[0]}:${nfs.path}` } : {};
}

/** Elsewhere than in a file named after it, a state may be that of another cluster. */
function ownerOfState({ name, backend }: Topology): Readonly<Record<string, string>> {
  return backend ? { name } : {};
}

const anew =
  "To have another, take the cluster down with its data ('k3s-cdk destroy --purge') and deploy it again; if you know better";

function refusal(name: string, value: string): Refusal {
  if (name.startsWith('nfs.'))
    return {
      subject: `What ${name.slice('nfs.'.length)} exports`,
      because:
        'Volumes keep the address and the folder that they were made with, so pods that use them would hang.',
      instead:
        "A host that moves can keep its old address beside the new one: list it as its 'nodeIps'. If no volume is needed",
      unless: leaveData,
    };
  if (name === 'name')
    return {
      subject: "The cluster whose state 'terraform.backend' names",
      because: 'Hosts that it has would leave it, and those here would be set up again.',
      instead: 'A second cluster needs a state of its own. To rename this one',
      unless: override,
    };
  return { subject: `'${name}'`, ...refusals(value)[name as keyof FixedSettings], unless: override };
}

function refusals(
  value: string,
): Readonly<Record<keyof FixedSettings, Pick<Refusal, 'because' | 'instead'>>> {
  return {
    'network.pods': {
      because:
        'Every node keeps the part of the old network that it was given, and k3s ends when it finds one that lies outside of the new.',
      instead: anew,
    },
    'network.services': {
      because:
        'Services keep their addresses of the old network, the DNS of the cluster too, and new pods would look for it in the new.',
      instead: anew,
    },
    'k3s.config.secrets-encryption': {
      because:
        value === 'true'
          ? 'k3s turns it on at its first start alone: later each server makes a key of its own, and cannot read the Secrets that another has written.'
          : 'No server could read the Secrets that are encrypted.',
      instead: anew,
    },
    'k3s.config.cluster-domain': {
      because:
        'The tokens of running pods are for the old one, and the API would not take them; their DNS settings have it too.',
      instead: anew,
    },
    'k3s.config.flannel-backend': {
      because:
        "Nodes with the old and the new one do not reach each other's pods while k3s restarts one node after another, and what the old one has set up stays until a reboot.",
      instead: 'If you can bear that, and reboot every node afterwards',
    },
  };
}

/** A state beside cluster.yaml that Terraform does not find: the cluster has another name now, or the state another place. */
function noForgottenState(stack: TerraformStack, topology: Topology) {
  const { name, backend } = topology;
  const file = (each: string) => `"\${path.module}/${projectFolder}/\${${each}}"`;
  // Encrypted ones are no JSON.
  const isState = `try(length(jsondecode(file(${file('each')})).resources) > 0, true)`;
  const files = `fileset("\${path.module}/${projectFolder}", "*${defaultStateFile('')}")`;
  stack.addOverride(
    'locals.forgotten_states',
    `\${[for each in ${files} : ${backend ? 'each' : `trimsuffix(each, "${defaultStateFile('')}")`} if each != "${stateFile(topology) ?? ''}" && ${isState}]}`,
  );
  const forgotten = '${join(" and ", local.forgotten_states)}';
  return {
    condition: '${length(local.forgotten_states) == 0}',
    errorMessage: escapeTemplate(backend ? carryOver('\0') : renamedCluster('\0', name)).replaceAll(
      '\0',
      forgotten,
    ),
  };
}
