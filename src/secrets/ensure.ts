import {
  agentTokenFile,
  backendFile,
  databaseCa,
  firstBootPaths,
  previousTokens,
  previousTokensCopies,
  secretFiles,
  secretsFolder,
  tokenFile,
} from '../model/secrets';
import type { Topology } from '../model/topology';
import { userSecrets } from '../model/user-secrets';
import { clusterAuthorities } from './authorities';
import { ensureAuthority } from './authority';
import { Certificates } from './certificates';
import { hasRun } from './has-run';
import { PrivateFiles } from './private-files';
import { ensureRecipients } from './recipients';
import { SecretsReport } from './report';
import { ensureTokens, type TokenOwner } from './tokens';
import { ensureUserSecrets } from './user-secrets';

export interface EnsureSecretsOptions {
  /** Folder of cluster.yaml, where `secrets/` is. */
  readonly folder: string;
  /** The time by which certificates are dated and judged. */
  readonly now: Date;
  /** Replace certificates that are due or do not fit the cluster. @default false */
  readonly renew?: boolean;
  /** Whose token is replaced. @default - nobody's */
  readonly rotate?: TokenOwner;
}

/**
 * Creates the missing secrets of the cluster: tokens, CAs, certificates. Existing ones are only replaced by a
 * renewal or a rotation, and copies of the CA's certificate follow it. Run again after an interruption, it
 * continues.
 *
 * @throws Error when a file cannot be written
 */
export async function ensureSecrets(
  topology: Topology,
  { folder, now, renew = false, rotate }: EnsureSecretsOptions,
): Promise<SecretsReport> {
  const files = new PrivateFiles(folder);
  const report = new SecretsReport();
  for (const path of files.tidy(secretsFolder)) report.changed('protected', path);
  const ran = () => hasRun(folder, topology);
  // Without the token of a running cluster nothing else may be generated either.
  if (!ensureTokens(files, topology, { hasRun: ran, ...(rotate && { rotate }) }, report)) return report;
  await ensureRecipients(files, topology, now, report);
  ensureUserSecrets(files, topology, report);
  for (const { kind, leaves } of clusterAuthorities(topology)) {
    // A running cluster has the first one, and others only if they have issued something.
    const issued =
      leaves.some(({ certificate }) => files.read(certificate) !== undefined) ||
      (kind.certificate === databaseCa.certificate && ran());
    const options = { cluster: topology.name, now, renew, issued };
    const authority = await ensureAuthority(kind, files, options, report);
    if (!authority) continue;
    const certificates = new Certificates(files, authority, { now, renew }, report);
    for (const leaf of leaves) await certificates.ensure(leaf);
  }
  const used = new Set([
    ...secretFiles(topology),
    ...(topology.backend ? [backendFile] : []),
    ...firstBootPaths(topology),
    ...[tokenFile, agentTokenFile].map(previousTokens),
    ...previousTokensCopies(topology),
    ...userSecrets(topology).flatMap(({ original, copies }) => [original, ...copies]),
  ]);
  report.unused.push(...files.list(secretsFolder).filter((path) => !used.has(path)));
  return report;
}
