import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Sockets must have a path of about a hundred characters, of which OpenSSH takes some for a temporary name. */
const maxFolderLength = 60;

/** Makes a folder for sockets and logs, the user's alone. */
export function socketFolder(): string {
  return mkdtempSync(join(tmpdir().length <= maxFolderLength ? tmpdir() : '/tmp', 'k3s-cdk-'));
}
