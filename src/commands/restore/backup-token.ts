import { resolve as absolute, dirname } from 'node:path';
import { previousTokens, tokenFile } from '../../model/secrets';
import { type OpenBackup, sameToken } from '../../recovery/backup-file';
import { PrivateFiles } from '../../secrets/private-files';
import { replaceToken } from '../../secrets/tokens';
import { UserError } from '../../user-error';
import { fileOption } from '../file-option';
import type { Terminal } from '../terminal';

/** @throws UserError when a cluster with the token in `secrets/` could not read the backup */
export function requireSameCluster({ token }: OpenBackup, folder: string): void {
  const own = new PrivateFiles(folder).read(tokenFile);
  if (own === undefined)
    throw new UserError(
      `'${tokenFile}' is missing: if this backup is of your cluster, put its token there with --token-only, run 'k3s-cdk init', and apply`,
    );
  if (!sameToken(own, token) && isPrevious(token, folder))
    throw new UserError(
      `the backup was made before the servers' token was replaced, and can only be opened with the former one: restore that with --token-only and 'k3s-cdk deploy', restore, and replace the token again with 'k3s-cdk init --rotate servers'`,
    );
  if (!sameToken(own, token))
    throw new UserError(
      `the backup is of a cluster with another token than '${tokenFile}', which could not read it: give a backup of this cluster; if it is one and the file is wrong, move the file away and see --token-only`,
    );
}

function isPrevious(token: string, folder: string): boolean {
  const previous = new PrivateFiles(folder).read(previousTokens(tokenFile));
  return previous?.split('\n').some((line) => line !== '' && sameToken(line, token)) ?? false;
}

/** Puts the token of a backup into `secrets/`. Returns the exit code. */
export function putTokenBack({ token }: OpenBackup, file: string, terminal: Terminal): number {
  const folder = absolute(dirname(file));
  const files = new PrivateFiles(folder);
  const own = files.read(tokenFile);
  const differs = own !== undefined && !sameToken(own, token);
  if (differs && isPrevious(token, folder)) {
    replaceToken(files, tokenFile, token.trim());
    terminal.print(
      `restored ${tokenFile}; next: k3s-cdk deploy${fileOption(file, terminal)}, and restore without --token-only`,
    );
    return 0;
  }
  if (differs)
    throw new UserError(
      `'${tokenFile}' exists and differs: move it and its copies below 'secrets/hosts' away if it is not this cluster's`,
    );
  if (own === undefined) files.create(tokenFile, token);
  terminal.print(
    `${own === undefined ? 'restored' : 'already there:'} ${tokenFile}; next: k3s-cdk init${fileOption(file, terminal)}, apply, and restore without --token-only`,
  );
  return 0;
}
