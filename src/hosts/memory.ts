import type { TerraformStack } from 'cdktf';
import type { Topology } from '../model/topology';
import { PlainResources, TerraformData } from './plain-resources';
import { projectFolder } from './project-folder';
import type { RemoteStep } from './remote-step';
import { escapeTemplate } from './template-literal';

export interface Note {
  /** Plain text without quotes. */
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
  /** Expression: the text of the last note; empty where there is none (a first apply, another machine, a fresh clone). */
  readonly last: string;
  private readonly file: string;
  private readonly id: string;

  /** @param name of the resource, and the file's last part: `k3s-version` */
  constructor(
    private readonly stack: TerraformStack,
    topology: Topology,
    private readonly name: string,
  ) {
    this.file = `${topology.name}.tfstate.${name}`;
    this.id = name.replaceAll('-', '_');
    const local = `${this.id}_last`;
    this.last = `local.${local}`;
    stack.addOverride(
      `locals.${local}`,
      `\${trimspace(try(file("\${path.module}/${projectFolder}/${this.file}"), ""))}`,
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
      lifecycle: { precondition: [...preconditions] },
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
}
