import * as z from 'zod';
import { registries } from './registries';
import { line, operatorPath } from './text';

const configValue = z.union([
  line,
  z.number(),
  z.boolean(),
  z.array(z.union([line, z.number(), z.boolean()])),
]);

/** Keys of k3s's own config file. A rule, which knows the valid ones, checks their form. */
export const k3sConfig = z.record(z.string(), configValue);

const sha256 = z
  .string()
  .regex(/^[a-f0-9]{64}$/, {
    error: (issue) => `'${issue.input}' is not a sha256: write its 64 digits, 0 to 9 and a to f`,
  })
  .describe("sha256 of `k3s` (amd64) or `k3s-arm64` (arm64), a line of the release's `sha256sum-….txt`.");

function notAVersion(text: string): string {
  const [, numbers, build = 'k3s1'] = /^v?(\d+\.\d+\.\d+)(?:[-+](k3s\d+))?$/.exec(text) ?? [];
  return `'${text}' is not a full k3s version: write ${numbers ? `v${numbers}+${build}` : 'it like v1.36.5+k3s1'}`;
}

export const k3s = z
  .strictObject({
    version: z
      .string({
        error: (issue) => (typeof issue.input === 'number' ? notAVersion(String(issue.input)) : undefined),
      })
      .regex(/^v\d+\.\d+\.\d+\+k3s\d+$/, {
        error: (issue) => notAVersion(String(issue.input)),
      })
      .describe('Exact release of k3s, at least v1.32. An upgrade is an edit of this line.'),
    sha256: z
      .strictObject({ amd64: sha256.exactOptional(), arm64: sha256.exactOptional() })
      .exactOptional()
      .describe(
        "sha256 of the release's binary by architecture, from a source other than the one that hosts download it from. Hosts accept no other binary. Change it with every upgrade. Default: the release's own checksum file says it.",
      ),
    artifacts: operatorPath
      .optional()
      .describe(
        "Air gap: folder, relative to this file or absolute, `~` allowed, with a folder per architecture that holds the release's own files: `arm64/k3s-arm64`, `arm64/sha256sum-arm64.txt`, `arm64/k3s-airgap-images-arm64.tar.zst`. `k3s-cdk artifacts --list` prints all that belongs into it. Hosts then download nothing. Default: hosts download the release.",
      ),
    registries: registries.optional(),
    hardening: z
      .enum(['cis'])
      .exactOptional()
      .describe(
        'Settings, kernel settings, audit log and admission of pods as the CIS Kubernetes Benchmark requires, control by control: see docs/reference/hardening.md. Your namespaces then accept only pods of the level `restricted`, unless their labels say otherwise.',
      ),
    config: k3sConfig
      .default({})
      .describe(
        'Extra k3s configuration for all nodes. Agents get the keys that `k3s agent` knows. Keys and arguments of components that are not known here cause warnings, malformed values are errors. Secrets are files in `secrets/k3s/`, see docs/how-to/secrets.md.',
      ),
    maxUnavailable: z
      .union([
        z.int().min(1),
        z.string().regex(/^([1-9]|[1-9]\d|100)%$/, {
          error: (issue) => `'${issue.input}' is neither a count nor a percentage like 10%`,
        }),
      ])
      .default(1)
      .describe(
        'How many agents may be restarted at the same time: a count or a percentage of the agents, rounded down, at least one.',
      ),
  })
  .describe('The Kubernetes distribution.');
