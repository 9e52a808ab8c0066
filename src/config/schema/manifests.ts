import * as z from 'zod';

export const manifests = z
  .array(z.union([z.string().min(1), z.record(z.string(), z.json())]))
  .default([])
  .describe(
    'Your own objects, applied and removed with the others: paths of YAML files, relative to this file or absolute, or objects as Kubernetes writes them.',
  );
