import { authorities, secretFiles, tokenCopies, tokenFile } from '../model/secrets';
import type { Topology } from '../model/topology';
import { authorityDamage, authorityFault, leafFault } from '../pki/inspect';
import { type ClusterAuthority, clusterAuthorities } from './authorities';
import { hasRun } from './has-run';
import { PrivateFiles } from './private-files';
import type { SecretFinding } from './report';
import { tokenRemedy } from './tokens';
import { userSecretFindings } from './user-secrets';

export interface InspectSecretsOptions {
  /** Folder of cluster.yaml, where `secrets/` is. */
  readonly folder: string;
  /** The time by which certificates are judged. */
  readonly now: Date;
}

/** What `k3s-cdk init` would create, renew or complain about, without doing any of it. */
export function inspectSecrets(topology: Topology, { folder, now }: InspectSecretsOptions): SecretFinding[] {
  const files = new PrivateFiles(folder);
  const findings: SecretFinding[] = [];
  const found = (severity: SecretFinding['severity'], message: string) =>
    findings.push({ severity, message });

  // The CAs' keys may be kept elsewhere.
  const elsewhere = new Set<string>(authorities(topology).map(({ key }) => key));
  const missing = secretFiles(topology).filter(
    (path) => !elsewhere.has(path) && files.read(path) === undefined,
  );
  if (missing.length > 0)
    found(
      'error',
      `${listed(missing)} ${missing.length > 1 ? 'are' : 'is'} missing: ${missing.includes(tokenFile) && hasRun(folder, topology) ? tokenRemedy : "run 'k3s-cdk init'"}`,
    );

  const token = files.read(tokenFile);
  for (const path of tokenCopies(topology)) {
    const copy = files.read(path);
    if (token !== undefined && copy !== undefined && copy !== token)
      found('error', `'${path}' differs from '${tokenFile}': run 'k3s-cdk init', which says what to do`);
  }

  findings.push(...userSecretFindings(files, topology));

  for (const authority of clusterAuthorities(topology)) {
    for (const finding of authorityFindings(authority, files, now)) findings.push(finding);
  }
  return findings;
}

function* authorityFindings(
  { kind, leaves }: ClusterAuthority,
  files: PrivateFiles,
  now: Date,
): Iterable<SecretFinding> {
  const authority = files.read(kind.certificate);
  if (authority === undefined) return;
  const damage = authorityDamage(authority, files.read(kind.key));
  if (damage !== undefined) {
    yield {
      severity: 'error',
      message: `'${kind.certificate}' ${damage}: run 'k3s-cdk init', which says what to do`,
    };
    return;
  }
  const due = authorityFault(authority, now);
  if (due)
    yield {
      severity: due.severity,
      message: `'${kind.certificate}' ${due.reason}: run 'k3s-cdk init --renew'`,
    };
  for (const { certificate, key, request } of leaves) {
    const pem = files.read(certificate);
    const fault = pem === undefined ? undefined : leafFault(pem, files.read(key), authority, request, now);
    if (fault)
      yield {
        severity: fault.severity,
        message: `'${certificate}' ${fault.reason}: run 'k3s-cdk init --renew'`,
      };
  }
}

/** More names than this make an unreadable line. */
const named = 3;

function listed(paths: readonly string[]): string {
  const rest = paths.length - named;
  return `${paths
    .slice(0, named)
    .map((path) => `'${path}'`)
    .join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
