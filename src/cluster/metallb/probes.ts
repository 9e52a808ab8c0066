import { IntOrString, type Probe } from 'cdk8s-plus-28/lib/imports/k8s';
import { healthPort } from './metallb';

/** The release's probes of controller and speaker, with their timing. */
export function probes(host?: string): { livenessProbe: Probe; readinessProbe: Probe } {
  const probe = (path: string): Probe => ({
    httpGet: { path, port: IntOrString.fromNumber(healthPort), ...(host !== undefined && { host }) },
    initialDelaySeconds: 10,
    periodSeconds: 10,
    timeoutSeconds: 1,
    successThreshold: 1,
    failureThreshold: 3,
  });
  return { livenessProbe: probe('/healthz'), readinessProbe: probe('/readyz') };
}
