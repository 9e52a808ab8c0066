import type { TerraformStack } from 'cdktf';
import type { RecordKind } from '../model/renamed-cluster';
import { stateFile } from '../model/state-file';
import { recordName } from '../model/step-address';
import type { Topology } from '../model/topology';
import { PlainResources, TerraformData } from './plain-resources';
import { projectFolder } from './project-folder';
import type { RemoteStep } from './remote-step';
import { escapeTemplate } from './template-literal';

export interface AppliedRecord {
  /** Matches the form of the file. */
  readonly text: string;
  /** What the plan calls it. */
  readonly trigger: string;
  /** It is written when these have finished. */
  readonly after: readonly RemoteStep[];
  /** What must hold before anything is done, as Terraform expressions. */
  readonly preconditions: readonly { readonly condition: string; readonly errorMessage: string }[];
}

/**
 * What was applied last, in a file beside the state: a plan compares it with the current configuration. The
 * file is deleted with the cluster. The state cannot be used for this: it is empty while the first apply
 * locks it, may be encrypted (OpenTofu) or
 * remote, and changes during an apply, which Terraform 1.13 takes as an error.
 */
export class LastApplied {
  /**
   * Expression: the text that was recorded last; empty if there is none (a first apply, another machine, a
   * fresh clone), or if the file has something else, with which every plan fails.
   */
  readonly value: string;
  private readonly file: string;
  private readonly id: string;

  /**
   * @param name of the resource, and the file's last part: `k3s-version`
   * @param form of every text, as a regular expression of Terraform: nothing that a shell reads fits it
   */
  constructor(
    private readonly stack: TerraformStack,
    topology: Topology,
    private readonly name: RecordKind,
    form: string,
  ) {
    this.file = `${stateFile(topology)}.${name}`;
    this.id = recordName(name);
    this.value = `local.${this.id}_last`;
    const path = `"\${path.module}/${projectFolder}/${this.file}"`;
    // A power cut may leave an empty one.
    const read = `regex(${JSON.stringify(`^(?:${form})?$`)}, trimspace(file(${path})))`;
    stack.addOverride(`locals.${this.id}_note`, `\${fileexists(${path}) ? try(${read}, null) : ""}`);
    stack.addOverride(
      `locals.${this.id}_last`,
      `\${local.${this.id}_note == null ? "" : local.${this.id}_note}`,
    );
  }

  record({ text, trigger, after, preconditions }: AppliedRecord): void {
    const { stack, name, file, id } = this;
    const recorded = new TerraformData(stack, name, {
      attributes: { triggers_replace: { [trigger]: text } },
      provisioners: [
        {
          type: 'local-exec',
          workingDir: `\${path.module}/${projectFolder}`,
          command: `echo '${text}' >${file}.new && mv ${file}.new ${file}`,
        },
      ],
      lifecycle: { precondition: [this.isIntact(), ...preconditions] },
    });
    recorded.overrideLogicalId(id);
    recorded.dependsOn = after.map((step) => step.address);

    // Separate, because the other is replaced at every change.
    const fileResource = new TerraformData(stack, `${name}-file`, {
      attributes: { input: escapeTemplate(`${projectFolder}/${file}`) },
      provisioners: [{ type: 'local-exec', when: 'destroy', command: 'rm -f "${self.input}"' } as never],
    });
    fileResource.overrideLogicalId(`${id}_file`);
    for (const resource of [recorded, fileResource]) PlainResources.of(stack).add(resource);
  }
  private isIntact() {
    return {
      condition: `\${local.${this.id}_note != null}`,
      errorMessage: `The file '${this.file}' beside cluster.yaml holds what k3s-cdk never writes: find out who did. When you have deleted it, an apply writes it again, this time without checking it against what was there before.`,
    };
  }
}
