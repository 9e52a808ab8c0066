import type { TerraformStack } from 'cdktf';
import { operatorPath } from '../../hosts/project-folder';
import { previousTokens, tokenFile } from '../../model/secrets';

/**
 * For steps on database hosts: hashes of the server tokens that the operator has, as a Terraform expression
 * that is not a trigger. If the cluster's token is not among them, the steps change nothing.
 */
export const knownTokensEnv = { TOKENS: 'local.known_tokens' } as const;

/** What `knownTokensEnv` refers to. Computed as lib-token.sh does for files on hosts. */
export function addKnownTokens(stack: TerraformStack): void {
  const lines = [tokenFile, previousTokens(tokenFile)]
    .map((file) => `split("\\n", try(file("${operatorPath(file)}"), ""))`)
    .join(', ');
  const text = 'replace(replace(trimspace(line), "/^K10[^:]*::/", ""), "/^[^:]*:/", "")';
  stack.addOverride(
    'locals.known_tokens',
    `\${join(",", [for line in concat(${lines}) : substr(sha256(${text}), 0, 12) if trimspace(line) != ""])}`,
  );
}
