import * as z from 'zod';
import { chartVersions } from '../pinned-releases';
import { issuer } from './issuers';
import { dnsLabel, dnsName, dnsSubdomain, ipAddress } from './primitives';

const values = z
  .record(z.string(), z.json())
  .default({})
  .describe("Values of the chart, as its own documentation describes them; they override this tool's.");

const chartVersion = z.string().regex(/^v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/, {
  error: (issue) => `'${issue.input}' is not a chart version: write it like 1.2.3`,
});

const traefik = z
  .strictObject({
    controller: z.literal('traefik').describe("k3s's own Traefik."),
    pool: dnsSubdomain.exactOptional().describe('MetalLB pool that its address comes from.'),
    addresses: z
      .array(ipAddress)
      .min(1)
      .max(2)
      .exactOptional()
      .describe('Its address, or one per IP family; from a MetalLB pool.'),
    values,
  })
  .describe('Traefik with settings.');

const certManager = z
  .strictObject({
    version: chartVersion.default(chartVersions['cert-manager']).describe('Version of the chart.'),
    issuers: z.array(issuer).default([]).describe('ClusterIssuers.'),
    values,
  })
  .describe('cert-manager: certificates that renew themselves.');

const headlamp = z
  .strictObject({
    version: chartVersion.default(chartVersions.headlamp).describe('Version of the chart.'),
    host: dnsName
      .exactOptional()
      .describe(
        'Name to serve it under through the ingress. Without it, only `kubectl port-forward` reaches it.',
      ),
    issuer: dnsLabel
      .exactOptional()
      .describe(
        'One of `certManager.issuers`, for its certificate. Without it, the certificate of the ingress.',
      ),
    values,
  })
  .describe('Headlamp: a dashboard in the browser. Users log in with their own token.');

export const addons = z
  .strictObject({
    ingress: z
      .union([z.enum(['traefik', 'none']), traefik])
      .default('traefik')
      .describe("Ingress controller: k3s's own Traefik, the same with settings, or none."),
    metricsServer: z.boolean().default(true).describe("Whether k3s's own metrics-server runs."),
    certManager: certManager.exactOptional(),
    headlamp: headlamp.exactOptional(),
    systemUpgrade: z
      .boolean()
      .default(false)
      .describe(
        'Whether the system-upgrade-controller runs. It gets no plans: upgrades of k3s are an edit of `k3s.version`, plans are for your own maintenance.',
      ),
  })
  .describe('Optional parts of the cluster.');
