import { existsSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { resolve as absolute, dirname } from 'node:path';
import type { ProgramFiles } from '../program-files';
import type { Terminal } from '../terminal';
import { createCluster } from './create';
import { type ClusterFlags, hasFlags } from './flags';
import type { LocalEnvironment } from './gather';
import { terminalPrompter } from './prompter';
import { refreshSchema } from './schema-path';
import { findSshKey } from './ssh-key';

/**
 * A cluster.yaml to continue with: the existing one, which is never changed, or a new one. Returns whether
 * there is one; if not, the reason has been reported.
 */
export async function ensureCluster(
  file: string,
  flags: ClusterFlags,
  { files, environment }: { files: ProgramFiles; environment: Omit<LocalEnvironment, 'folderName'> },
  terminal: Terminal,
): Promise<boolean> {
  if (!existsSync(file)) {
    if (hasFlags(flags) || environment.prompter)
      return createCluster({ file, flags, environment, files }, terminal);
    terminal.error(
      `error: there is no ${terminal.display(file)}, and no terminal to ask on: describe the cluster, as in 'k3s-cdk init --server 192.168.1.11 --user pi' (k3s-cdk init --help)`,
    );
    return false;
  }
  if (hasFlags(flags)) {
    terminal.error(
      `error: ${terminal.display(file)} is there already, and init never changes it: edit it, or name another file with -f`,
    );
    return false;
  }
  refreshSchema(dirname(absolute(file)), files);
  return true;
}

/** What this machine knows about its user. @param people stream that people look at */
export function localEnvironment(people: NodeJS.WriteStream): Omit<LocalEnvironment, 'folderName'> {
  return {
    localUser: userInfo().username,
    sshKey: findSshKey(homedir(), Boolean(process.env.SSH_AUTH_SOCK)),
    prompter: terminalPrompter(people),
  };
}
