import { databaseCa, secretFiles, tokenCopies, tokenFile } from '../model/secrets';
import type { Topology } from '../model/topology';
import { authorityDamage, authorityFault, leafFault } from '../pki/inspect';
import { hasRun } from './has-run';
import { leaves } from './leaves';
import { PrivateFiles } from './private-files';
import type { SecretFinding } from './report';
import { tokenRemedy } from './tokens';
import { userSecretFindings } from './user-secrets';

export interface InspectSecretsOptions {
  /** Folder of cluster.yaml, where `secrets/` is. */
  readonly folder: string;
  /** What certificates are judged by. */
  readonly now: Date;
}

/** What `k3s-cdk init` would make, renew or complain about, without doing any of it. */
export function inspectSecrets(topology: Topology, { folder, now }: InspectSecretsOptions): SecretFinding[] {
  const files = new PrivateFiles(folder);
  const findings: SecretFinding[] = [];
  const found = (severity: SecretFinding['severity'], message: string) =>
    findings.push({ severity, message });

  // The CA's key may be kept elsewhere.
  const missing = secretFiles(topology).filter(
    (path) => path !== databaseCa.key && files.read(path) === undefined,
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

  const authority = files.read(databaseCa.certificate);
  if (authority === undefined) return findings;
  const damage = authorityDamage(authority, files.read(databaseCa.key));
  if (damage !== undefined) {
    found('error', `'${databaseCa.certificate}' ${damage}: run 'k3s-cdk init', which says what to do`);
    return findings;
  }
  const due = authorityFault(authority, now);
  if (due) found(due.severity, `'${databaseCa.certificate}' ${due.reason}: run 'k3s-cdk init --renew'`);
  for (const { certificate, key, request } of leaves(topology)) {
    const pem = files.read(certificate);
    const fault = pem === undefined ? undefined : leafFault(pem, files.read(key), authority, request, now);
    if (fault) found(fault.severity, `'${certificate}' ${fault.reason}: run 'k3s-cdk init --renew'`);
  }
  return findings;
}

/** More names than this make no line that anybody reads. */
const named = 3;

function listed(paths: readonly string[]): string {
  const rest = paths.length - named;
  return `${paths
    .slice(0, named)
    .map((path) => `'${path}'`)
    .join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
