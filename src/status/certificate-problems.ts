import { dateText, renewalWindow } from '../pki/validity';
import type { HostStatus } from './host-status';
import type { Problem } from './problem';

/** k3s renews its own at a start within the last 90 days, later releases earlier; so its step helps now. */
const k3sWindow = 60 * 24 * 60 * 60 * 1000;

/** Certificates on a host that have expired, or are about to. */
export function* certificateProblems({ name: host, certificates }: HostStatus, now: Date): Iterable<Problem> {
  for (const { path, expires } of certificates) {
    const left = timeLeft(expires, now);
    if (left > (isOfK3s(path) ? k3sWindow : renewalWindow)) continue;
    const remedy = !isOfK3s(path)
      ? "run 'k3s-cdk init --renew', then 'k3s-cdk deploy'"
      : isAuthority(path)
        ? "make new CAs with 'k3s certificate rotate-ca', as k3s's documentation says"
        : "repeat the step 'k3s', which restarts k3s, one server after the other, and so renews it";
    yield {
      severity: left <= 0 ? 'error' : 'warning',
      code: left <= 0 ? 'certificate-expired' : 'certificate-expires',
      host,
      message: `has a certificate '${path}' that ${left <= 0 ? 'expired' : 'expires'} on ${dateText(new Date(expires))}: ${remedy}`,
    };
  }
}

/** Whether k3s's step would renew one. */
export function needsK3sStep({ certificates }: HostStatus, now: Date): boolean {
  return certificates.some(
    ({ path, expires }) => isOfK3s(path) && !isAuthority(path) && timeLeft(expires, now) <= k3sWindow,
  );
}

function isOfK3s(path: string): boolean {
  return path.startsWith('/var/lib/rancher/');
}

function isAuthority(path: string): boolean {
  return path.endsWith('-ca.crt');
}

function timeLeft(expires: string, now: Date): number {
  return new Date(expires).getTime() - now.getTime();
}
