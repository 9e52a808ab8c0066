import type { TerraformStack } from 'cdktf';
import { operatorPath } from '../../hosts/project-folder';
import { previousTokens, tokenFile } from '../../model/secrets';

/**
 * For steps on database hosts: hashes of the servers' tokens that the operator has, as an expression of Terraform that is
 * no trigger. Without the cluster's token among them they change nothing.
 */
export const knownTokensEnv = { TOKENS: 'local.known_tokens' } as const;

/** What `knownTokensEnv` refers to. As lib-token.sh makes them of hosts' files. */
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
