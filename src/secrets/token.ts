import { randomBytes } from 'node:crypto';
import { tokenFile } from '../model/secrets';
import type { PrivateFiles } from './private-files';
import type { SecretsReport } from './report';

/** 256 bits: the datastore's bootstrap data is encrypted with it, and its hash is in Terraform's state. */
const tokenBytes = 32;

/** Shorter ones could be found from their hash. */
const shortest = 32;

/**
 * The token of k3s and its copies. It must stay what it was at the cluster's first start, so it is never replaced:
 * a lost one is restored from the copies, and a copy that differs is left for a person to judge.
 */
export function ensureToken(files: PrivateFiles, copies: readonly string[], report: SecretsReport): void {
  const token = files.read(tokenFile) ?? newOrRestored(files, copies, report);
  if (token === undefined) return;
  if (token.trim().length < shortest)
    report.found(
      'warning',
      `'${tokenFile}' has less than ${shortest} characters: its hash is in Terraform's state, from which a short token can be guessed`,
    );
  for (const copy of copies) {
    const content = files.read(copy);
    if (content === undefined) {
      files.create(copy, token);
      report.changed('made', copy);
    } else if (content !== token) {
      report.found(
        'error',
        `'${copy}' differs from '${tokenFile}': a cluster keeps the token of its first start, so find out which one that is and copy it over the other`,
      );
    }
  }
}

function newOrRestored(
  files: PrivateFiles,
  copies: readonly string[],
  report: SecretsReport,
): string | undefined {
  const [known, ...more] = new Set(copies.flatMap((copy) => files.read(copy) ?? []));
  if (more.length > 0) {
    report.found(
      'error',
      `'${tokenFile}' is missing and its copies differ: copy the one that the cluster was started with to '${tokenFile}'`,
    );
    return undefined;
  }
  const token = known ?? `${randomBytes(tokenBytes).toString('hex')}\n`;
  files.create(tokenFile, token);
  report.changed(known === undefined ? 'made' : 'restored', tokenFile);
  return token;
}
