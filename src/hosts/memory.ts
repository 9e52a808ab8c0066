import type { TerraformStack } from 'cdktf';
import type { NoteKind } from '../model/renamed-cluster';
import { stateFile } from '../model/state-file';
import { noteName } from '../model/step-address';
import type { Topology } from '../model/topology';
import { PlainResources, TerraformData } from './plain-resources';
import { projectFolder } from './project-folder';
import type { RemoteStep } from './remote-step';
import { escapeTemplate } from './template-literal';

export interface Note {
  /** Fits the memory's form. */
  readonly text: string;
  /** What the plan calls it. */
  readonly trigger: string;
  /** It is written when these have come to their end. */
  readonly after: readonly RemoteStep[];
  /** What must hold before anything is done, as expressions of Terraform. */
  readonly preconditions: readonly { readonly condition: string; readonly errorMessage: string }[];
}

/**
 * A note in a file beside the state, which a plan compares with what is wanted now; it goes with the cluster. It is not
 * read from the state, which is empty while the first apply locks it, may be encrypted (OpenTofu) or far away, and
 * changes during an apply, which Terraform 1.13 takes as an error.
 */
export class Memory {
  /**
   * Expression: the text of the last note; empty where there is none (a first apply, another machine, a fresh clone), and
   * where something else is, with which every plan fails.
   */
  readonly last: string;
  private readonly file: string;
  private readonly id: string;

  /**
   * @param name of the resource, and the file's last part: `k3s-version`
   * @param form of all notes, as a regular expression of Terraform: nothing that a shell reads fits it
   */
  constructor(
    private readonly stack: TerraformStack,
    topology: Topology,
    private readonly name: NoteKind,
    form: string,
  ) {
    this.file = `${stateFile(topology)}.${name}`;
    this.id = noteName(name);
    this.last = `local.${this.id}_last`;
    const path = `"\${path.module}/${projectFolder}/${this.file}"`;
    // A power cut may leave an empty one.
    const read = `regex(${JSON.stringify(`^(?:${form})?$`)}, trimspace(file(${path})))`;
    stack.addOverride(`locals.${this.id}_note`, `\${fileexists(${path}) ? try(${read}, null) : ""}`);
    stack.addOverride(
      `locals.${this.id}_last`,
      `\${local.${this.id}_note == null ? "" : local.${this.id}_note}`,
    );
  }

  note({ text, trigger, after, preconditions }: Note): void {
    const { stack, name, file, id } = this;
    const noted = new TerraformData(stack, name, {
      attributes: { triggers_replace: { [trigger]: text } },
      provisioners: [
        {
          type: 'local-exec',
          workingDir: `\${path.module}/${projectFolder}`,
          command: `echo '${text}' >${file}.new && mv ${file}.new ${file}`,
        },
      ],
      lifecycle: { precondition: [this.isOurs(), ...preconditions] },
    });
    noted.overrideLogicalId(id);
    noted.dependsOn = after.map((step) => step.address);

    // Apart, because the other is replaced at every change.
    const whole = new TerraformData(stack, `${name}-file`, {
      attributes: { input: escapeTemplate(`${projectFolder}/${file}`) },
      provisioners: [{ type: 'local-exec', when: 'destroy', command: 'rm -f "${self.input}"' } as never],
    });
    whole.overrideLogicalId(`${id}_file`);
    for (const resource of [noted, whole]) PlainResources.of(stack).add(resource);
  }
  private isOurs() {
    return {
      condition: `\${local.${this.id}_note != null}`,
      errorMessage: `The file '${this.file}' beside cluster.yaml holds what k3s-cdk never writes: find out who did. When you have deleted it, an apply writes it again, this time without checking it against what was there before.`,
    };
  }
}
