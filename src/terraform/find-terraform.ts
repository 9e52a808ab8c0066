import { tryProgram } from '../programs/try-program';
import { UserError } from '../user-error';
import { terraformNames } from './terraform-name';

export interface FoundTerraform {
  /** What to call. */
  readonly program: string;
  /** `Terraform 1.11.4`, `OpenTofu 1.10.6`. */
  readonly name: string;
}

/** The first version with terraform_data, which keeps the members of the cluster. */
const oldest = [1, 5];

const howToGet =
  'install OpenTofu (https://opentofu.org/docs/intro/install/) or Terraform (https://developer.hashicorp.com/terraform/install), one file each, or name one in TERRAFORM_BINARY_NAME';

/**
 * Terraform, or OpenTofu where there is none.
 *
 * @param environment `TERRAFORM_BINARY_NAME` is the user's choice, as a name or a path, as for cdktf
 * @throws UserError when there is none, or none that is new enough
 */
export async function findTerraform(environment: NodeJS.ProcessEnv): Promise<FoundTerraform> {
  const named = environment.TERRAFORM_BINARY_NAME;
  for (const program of named ? [named] : terraformNames) {
    const result = await tryProgram(program, ['version', '-no-color'], {
      env: environment,
      timeoutMs: 30_000,
    });
    if ('failure' in result) {
      if (result.isMissing) continue;
      throw new UserError(`'${program}' ${result.failure}: correct that, or ${howToGet}`);
    }
    const [, name, version = ''] = /^(Terraform|OpenTofu) v(\S+)/m.exec(result.stdout) ?? [];
    if (name === undefined)
      throw new UserError(`'${program}' is neither Terraform nor OpenTofu: ${howToGet}`);
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (major < (oldest[0] ?? 0) || (major === oldest[0] && minor < (oldest[1] ?? 0)))
      throw new UserError(
        `${name} ${version} is too old, ${oldest.join('.')} or newer is needed: ${howToGet}`,
      );
    return { program, name: `${name} ${version}` };
  }
  throw new UserError(
    `${named ? `'${named}' (TERRAFORM_BINARY_NAME) is not installed` : 'neither terraform nor tofu is installed'}: ${howToGet}`,
  );
}
