import { databaseCa } from '../model/secrets';
import { authorityDamage, authorityFault } from '../pki/inspect';
import { newPrivateKey } from '../pki/key';
import type { PrivateFiles } from './private-files';
import type { SecretsReport } from './report';

/** The CA of the database, as far as it is here. */
export interface Authority {
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

/** Reads the CA, makes it when there is none, renews it when asked to. Undefined when a person has to decide first. */
export async function ensureAuthority(
  files: PrivateFiles,
  options: AuthorityOptions,
  report: SecretsReport,
): Promise<Authority | undefined> {
  const certificate = files.read(databaseCa.certificate);
  const key = files.read(databaseCa.key);
  if (certificate === undefined) return makeAuthority(files, key, options, report);
  const damage = authorityDamage(certificate, key);
  if (damage !== undefined) {
    report.found('error', `'${databaseCa.certificate}' ${damage}: ${remedy('both files')}`);
    return undefined;
  }
  const fault = authorityFault(certificate, options.now);
  if (!fault) return { certificate, ...(key !== undefined && { key }) };
  if (!options.renew || key === undefined) {
    const how = key === undefined ? `put '${databaseCa.key}' in its place and ` : '';
    report.found(
      fault.severity,
      `'${databaseCa.certificate}' ${fault.reason}: ${how}run 'k3s-cdk init --renew'`,
    );
    return { certificate, ...(key !== undefined && { key }) };
  }
  const { renewAuthority } = await import('../pki/issue');
  const renewed = await renewAuthority(certificate, key, options.now);
  files.replace(databaseCa.certificate, renewed);
  report.changed('renewed', databaseCa.certificate);
  return { certificate: renewed, key };
}

async function makeAuthority(
  files: PrivateFiles,
  found: string | undefined,
  { cluster, now, renew, issued }: AuthorityOptions,
  report: SecretsReport,
): Promise<Authority | undefined> {
  if (found === undefined && issued && !renew) {
    report.found(
      'error',
      `'${databaseCa.certificate}' and its key are missing, but certificates of that CA are in use: fetch the certificate with 'k3s-cdk init --from-hosts', ${remedy()}`,
    );
    return undefined;
  }
  const key = found ?? newPrivateKey();
  // The key first: a run that ends here goes on from it.
  if (found === undefined) {
    files.create(databaseCa.key, key);
    report.changed('created', databaseCa.key);
  }
  const { issueAuthority } = await import('../pki/issue');
  const certificate = await issueAuthority(cluster, key, now);
  files.create(databaseCa.certificate, certificate);
  report.changed('created', databaseCa.certificate);
  return { certificate, key };
}

/** A new CA means that k3s and the database do not trust each other until all of them have been deployed. */
export function remedy(discard?: string): string {
  const replace = discard === undefined ? '' : `delete ${discard} and `;
  return `restore it from your copy of secrets/, or ${replace}run 'k3s-cdk init --renew' for a new CA (k3s is cut off from the database until the next deployment is through)`;
}
