import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** In order of preference. */
export const terraformNames = ['terraform', 'tofu'] as const;

/**
 * The name of Terraform in printed commands, found without running it: the user's choice, or whichever of the
 * two is installed.
 */
export function terraformName({ TERRAFORM_BINARY_NAME, PATH = '' }: NodeJS.ProcessEnv): string {
  if (TERRAFORM_BINARY_NAME) return TERRAFORM_BINARY_NAME;
  const folders = PATH.split(delimiter).filter((folder) => folder !== '');
  const found = terraformNames.find((name) => folders.some((folder) => existsSync(join(folder, name))));
  return found ?? terraformNames[0];
}
