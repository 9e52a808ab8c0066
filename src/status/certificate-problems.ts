import { dateText, renewalWindow } from '../pki/validity';
import type { HostStatus } from './host-status';
import type { Problem } from './problem';

/** k3s renews its own at a start within the last 90 days, later releases earlier; so a restart helps now. */
const k3sWindow = 30 * 24 * 60 * 60 * 1000;

/** Certificates on a host that have expired, or are about to. */
export function* certificateProblems({ name: host, certificates }: HostStatus, now: Date): Iterable<Problem> {
  for (const { path, expires } of certificates) {
    const ofK3s = path.startsWith('/var/lib/rancher/');
    const left = new Date(expires).getTime() - now.getTime();
    if (left > (ofK3s ? k3sWindow : renewalWindow)) continue;
    const remedy = ofK3s
      ? "restart k3s on it ('systemctl restart k3s', one server after the other), which renews it"
      : "run 'k3s-cdk init --renew', then 'k3s-cdk deploy'";
    yield {
      severity: left <= 0 ? 'error' : 'warning',
      code: left <= 0 ? 'certificate-expired' : 'certificate-expires',
      host,
      message: `has a certificate '${path}' that ${left <= 0 ? 'expired' : 'expires'} on ${dateText(new Date(expires))}: ${remedy}`,
    };
  }
}
