import * as z from 'zod';

const settings = z.record(z.string().regex(/^[a-z][a-z0-9_]*$/), z.json());

const backend = z
  .record(z.string().regex(/^[a-z][a-z0-9]*$/), settings)
  .refine((types) => Object.keys(types).length === 1, {
    error:
      "one backend keeps the state: write its type with its settings, like 'pg: { schema_name: homelab }'",
  });

export const terraform = z
  .strictObject({
    backend: backend
      .exactOptional()
      .describe(
        "Where Terraform's state is: the type of a backend that Terraform or OpenTofu knows (`s3`, `pg`, `http`, `kubernetes`, …) with its settings, which are passed on as they are. Credentials have no place here: each backend takes them from environment variables, or from `secrets/backend.tfbackend`. See docs/how-to/team.md. Default: a file named after the cluster, beside this one.",
      ),
  })
  .describe('How Terraform works.');
