import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** In the order in which they are taken. */
export const terraformNames = ['terraform', 'tofu'] as const;

/**
 * What to call for Terraform in commands that are printed, without running it: what the user wants, or which of the two
 * is there.
 */
export function terraformName({ TERRAFORM_BINARY_NAME, PATH = '' }: NodeJS.ProcessEnv): string {
  if (TERRAFORM_BINARY_NAME) return TERRAFORM_BINARY_NAME;
  const folders = PATH.split(delimiter).filter((folder) => folder !== '');
  const found = terraformNames.find((name) => folders.some((folder) => existsSync(join(folder, name))));
  return found ?? terraformNames[0];
}
