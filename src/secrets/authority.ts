import { authorityDamage, authorityFault } from '../pki/inspect';
import { newPrivateKey } from '../pki/key';
import type { PrivateFiles } from './private-files';
import type { SecretsReport } from './report';

/** One of the cluster's CAs: where it is kept, and what it is for. */
export interface AuthorityKind {
  readonly certificate: string;
  readonly key: string;
  /** The name in its certificate. */
  readonly commonName: string;
  /** What a new one disconnects until all hosts have it. */
  readonly cutsOff: string;
}

/** The local part of a CA. */
export interface Authority {
  readonly kind: AuthorityKind;
  /** PEM. */
  readonly certificate: string;
  /** PEM; undefined when the key is kept elsewhere, and then nothing can be issued. */
  readonly key?: string;
}

export interface AuthorityOptions {
  /** Name of the cluster. */
  readonly cluster: string;
  readonly now: Date;
  readonly renew: boolean;
  /** Whether there are certificates of a CA already, here or on hosts. */
  readonly issued: boolean;
}

/**
 * Reads the CA, creates it if there is none, renews it if asked to. Undefined if a person has to decide
 * first.
 */
export async function ensureAuthority(
  kind: AuthorityKind,
  files: PrivateFiles,
  options: AuthorityOptions,
  report: SecretsReport,
): Promise<Authority | undefined> {
  const certificate = files.read(kind.certificate);
  const key = files.read(kind.key);
  if (certificate === undefined) return makeAuthority(kind, files, key, options, report);
  const damage = authorityDamage(certificate, key);
  if (damage !== undefined) {
    report.found('error', `'${kind.certificate}' ${damage}: ${remedy(kind, 'both files')}`);
    return undefined;
  }
  const fault = authorityFault(certificate, options.now);
  if (!fault) return { kind, certificate, ...(key !== undefined && { key }) };
  if (!options.renew || key === undefined) {
    const how = key === undefined ? `put '${kind.key}' in its place and ` : '';
    report.found(fault.severity, `'${kind.certificate}' ${fault.reason}: ${how}run 'k3s-cdk init --renew'`);
    return { kind, certificate, ...(key !== undefined && { key }) };
  }
  const { renewAuthority } = await import('../pki/issue');
  const renewed = await renewAuthority(certificate, key, options.now);
  files.replace(kind.certificate, renewed);
  report.changed('renewed', kind.certificate);
  return { kind, certificate: renewed, key };
}

async function makeAuthority(
  kind: AuthorityKind,
  files: PrivateFiles,
  found: string | undefined,
  { cluster, now, renew, issued }: AuthorityOptions,
  report: SecretsReport,
): Promise<Authority | undefined> {
  if (found === undefined && issued && !renew) {
    report.found(
      'error',
      `'${kind.certificate}' and its key are missing, but certificates of that CA are in use: fetch the certificate with 'k3s-cdk init --from-hosts', ${remedy(kind)}`,
    );
    return undefined;
  }
  const key = found ?? newPrivateKey();
  // The key first: the next run continues from it if this one is interrupted here.
  if (found === undefined) {
    files.create(kind.key, key);
    report.changed('created', kind.key);
  }
  const { issueAuthority } = await import('../pki/issue');
  const certificate = await issueAuthority(cluster, key, now, kind.commonName);
  files.create(kind.certificate, certificate);
  report.changed('created', kind.certificate);
  return { kind, certificate, key };
}

/** After a change of CA, those with the old one and those with the new one do not trust each other. */
export function remedy({ cutsOff }: AuthorityKind, discard?: string): string {
  const replace = discard === undefined ? '' : `delete ${discard} and `;
  return `restore it from your copy of secrets/, or ${replace}run 'k3s-cdk init --renew' for a new CA (${cutsOff} until the next deployment is through)`;
}
