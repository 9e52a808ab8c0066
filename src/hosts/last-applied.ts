import { createHash } from 'node:crypto';
import type { TerraformStack } from 'cdktf';
import { lastAppliedVariable, type RecordKind, recordKinds } from '../model/records';
import { recordAddress, recordName } from '../model/step-address';
import type { Topology } from '../model/topology';
import { PlainResources, TerraformData } from './plain-resources';
import { projectFolder } from './project-folder';
import type { RemoteStep } from './remote-step';
import { escapeTemplate } from './template-literal';

export interface AppliedRecord {
  /** Matches the form of the record. */
  readonly text: string;
  /** It is written when these have finished. */
  readonly after: readonly RemoteStep[];
  /** What must hold before anything is done, as Terraform expressions. */
  readonly preconditions: readonly { readonly condition: string; readonly errorMessage: string }[];
}

const perStack = new WeakMap<TerraformStack, Map<RecordKind, string>>();

/**
 * What was applied last, as a record in the state. A configuration cannot read what the state has of a resource
 * that it changes: so each record is an output, too, and the outputs come back as a variable. `guardRecords` sees to it
 * that the variable is there when it matters.
 */
export class LastApplied {
  /**
   * Expression: the text that was recorded last; empty if there is none (a first apply, a lost state, a variable
   * that is not given), or if it has another form, with which every plan fails.
   */
  readonly value: string;
  private readonly id: string;

  /**
   * @param kind also the name of the resource: `terraform_data.k3s_version`
   * @param form of every text, as a regular expression of Terraform: nothing that a shell reads fits it
   */
  constructor(
    private readonly stack: TerraformStack,
    topology: Topology,
    private readonly kind: RecordKind,
    form: string,
  ) {
    this.id = recordName(kind);
    this.value = `local.${this.id}_last`;
    const formed = (text: string) => `try(regex(${JSON.stringify(`^(?:${form})?$`)}, ${text}), null)`;
    const given = formed(`try(local.${lastAppliedVariable}.${this.id}.value, "")`);
    // Versions before terraform.backend had it beside the state.
    const path = `"\${path.module}/${projectFolder}/${formerFile(topology, kind)}"`;
    const former = `fileexists(${path}) ? ${formed(`trimspace(file(${path}))`)} : ""`;
    const note = `var.${lastAppliedVariable} != "" ? ${given} : ${former}`;
    stack.addOverride(`locals.${this.id}_note`, `\${${note}}`);
    stack.addOverride(
      `locals.${this.id}_last`,
      `\${local.${this.id}_note == null ? "" : local.${this.id}_note}`,
    );
  }

  record({ text, after, preconditions }: AppliedRecord): void {
    const { stack, kind, id } = this;
    const resource = new TerraformData(stack, kind, {
      attributes: { input: escapeTemplate(text) },
      lifecycle: {
        precondition: [
          {
            condition: `\${local.${id}_note != null}`,
            errorMessage: `The record '${kind}' of what was applied last has what k3s-cdk never writes: find out who changed the state, the variable ${lastAppliedVariable}, or the files of an older k3s-cdk beside cluster.yaml.`,
          },
          ...preconditions,
        ],
      },
    });
    resource.overrideLogicalId(id);
    resource.dependsOn = after.map((step) => step.address);
    PlainResources.of(stack).add(resource);
    // One for each: an apply with targets writes those outputs alone that depend on nothing else.
    stack.addOverride(`output.${id}`, { value: `\${${recordAddress(kind)}.output}` });
    const texts = perStack.get(stack) ?? new Map<RecordKind, string>();
    perStack.set(stack, texts.set(kind, text));
  }
}

/**
 * Lets no plan change what is recorded without knowing the records. `k3s-cdk deploy` passes them on; Terraform alone
 * needs them as the variable.
 *
 * An instance named after all records exists once they are applied. Its input is the time of the plan that made it,
 * and ignores later ones: so a plan knows, of an instance with another time than its own, that it was there before.
 */
export function guardRecords(stack: TerraformStack, topology: Topology): void {
  const texts = [...(perStack.get(stack) ?? [])];
  const key = createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, 12);
  stack.addOverride(`variable.${lastAppliedVariable}`, {
    type: 'string',
    default: '',
    description: 'What was applied last: all outputs, as JSON. Needed to change what the state records.',
    validation: [
      {
        condition: `\${var.${lastAppliedVariable} == "" || can(keys(jsondecode(var.${lastAppliedVariable})))}`,
        error_message: "This is not what 'output -json' prints: is that an error message?",
      },
    ],
  });
  stack.addOverride(`locals.${lastAppliedVariable}`, `\${try(jsondecode(var.${lastAppliedVariable}), {})}`);
  const before = 'local.applied_before';
  stack.addOverride(
    'locals.applied_before',
    '${[for name, each in terraform_data.applied : name if each.input != plantimestamp()]}',
  );
  const applied = new TerraformData(stack, 'applied', {
    attributes: { for_each: `\${toset(["cluster", "${key}"])}`, input: '${plantimestamp()}' },
    lifecycle: { ignoreChanges: ['input'] },
    provisioners: [
      {
        type: 'local-exec',
        workingDir: `\${path.module}/${projectFolder}`,
        command: `rm -rf ${([...recordKinds, 'unfinished'] as const).map((kind) => formerFile(topology, kind)).join(' ')}`,
        quiet: true,
      } as never,
    ],
  });
  applied.overrideLogicalId('applied');
  applied.dependsOn = texts.map(([kind]) => recordAddress(kind));
  PlainResources.of(stack).add(applied);
  stack.addOverride('output.applied', {
    value: '${keys(terraform_data.applied)}',
    description: 'Names of all that was applied.',
    precondition: [
      {
        condition: `\${var.${lastAppliedVariable} != "" || !contains(${before}, "cluster") || contains(${before}, "${key}")}`,
        error_message: `This changes hosts, their data, k3s's version or settings that stay, and Terraform alone cannot compare with what was applied last, or the last apply of such a change has not ended. Run 'k3s-cdk deploy', or put TF_VAR_${lastAppliedVariable}="$(terraform output -json)" before the command.`,
      },
    ],
  });
}

/** Where versions before terraform.backend had a record, in the folder of cluster.yaml. */
function formerFile({ name }: Topology, kind: RecordKind | 'unfinished'): string {
  return `${name}.tfstate.${kind}`;
}
