import { join } from 'node:path';
import { shellWord } from '../model/shell-quote';
import { stackPath } from '../output/stack-folder';
import { terraformName } from '../terraform/terraform-name';
import type { Terminal } from './terminal';

/** The beginning of a printed command for Terraform: `tofu -chdir=lab/cdktf.out/stacks/hosts`. */
export function terraformCommand(
  hostsFolder: string,
  environment: NodeJS.ProcessEnv,
  terminal: Pick<Terminal, 'display'>,
): string {
  const stack = terminal.display(join(hostsFolder, stackPath));
  return `${shellWord(terraformName(environment))} -chdir=${shellWord(stack)}`;
}
