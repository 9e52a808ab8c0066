import * as z from 'zod';

export const images = z
  .strictObject({
    mirror: z
      .string()
      .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:\d{1,5})?(\/[a-z0-9._-]+)*$/, {
        error: (issue) =>
          `'${issue.input}' is not a registry: write it like registry.example.net:5000/mirror`,
      })
      .exactOptional()
      .describe(
        'Registry, with an optional path, to pull from in place of quay.io, registry.k8s.io and the others. Default: the registries of the projects.',
      ),
    digests: z
      .record(
        z.string(),
        z.string().regex(/^sha256:[a-f0-9]{64}$/, {
          error: (issue) =>
            `'${issue.input}' is not a digest: write it like sha256: and 64 hexadecimal digits`,
        }),
      )
      .default({})
      .describe(
        'Digests by image without tag (`quay.io/metallb/controller`); an image listed here is pinned to its digest. Default: the digests that this tool knows, with neither `mirror` nor `k3s.artifacts` (`k3s-cdk versions`).',
      ),
  })
  .describe('Where the images of the manifests come from. Their versions are part of this tool.');
