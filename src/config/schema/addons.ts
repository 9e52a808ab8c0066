import * as z from 'zod';

export const addons = z
  .strictObject({
    ingress: z
      .enum(['traefik', 'none'])
      .default('traefik')
      .describe("Ingress controller: k3s's own Traefik, or none."),
    metricsServer: z.boolean().default(true).describe("Whether k3s's own metrics-server runs."),
  })
  .describe('Optional parts of the cluster.');
