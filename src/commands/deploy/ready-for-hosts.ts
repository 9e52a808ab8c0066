import { join } from 'node:path';
import type { Config } from '../../config/config';
import { KnownHosts } from '../../model/known-hosts';
import { resolve } from '../../model/resolve';
import { secretsFolder } from '../../model/secrets';
import type { Topology } from '../../model/topology';
import { unknownHosts } from '../../model/unknown-hosts';
import { ensureSecrets } from '../../secrets/ensure';
import { KnownHostsFile } from '../../ssh/known-hosts-file';
import { count } from '../../status/figures';
import type { Confirm } from '../confirm';
import { initKnownHosts } from '../init-known-hosts';
import type { Terminal } from '../terminal';
import { DeployError } from './deploy-error';
import type { View } from './view';

export interface ReadyForHostsOptions {
  /** Folder of cluster.yaml. */
  readonly folder: string;
  readonly now: Date;
  /** Undefined without a terminal. */
  readonly confirm: Confirm | undefined;
  /** What to run to trust the keys that are shown. */
  readonly acceptCommand: string;
  readonly view: View;
}

/**
 * The topology, once everything is there to reach and set up the hosts: creates missing secrets as `init`
 * does, and asks about unknown host keys.
 *
 * @throws DeployError when a person has to fix something first
 */
export async function readyForHosts(
  config: Config,
  { folder, now, confirm, acceptCommand, view }: ReadyForHostsOptions,
  terminal: Terminal,
): Promise<Topology> {
  const withKnownHosts = () => resolve(config, new KnownHosts(new KnownHostsFile(folder).read()));
  const topology = withKnownHosts();
  const secrets = await ensureSecrets(topology, { folder, now });
  if (secrets.changes.length > 0)
    view.note(
      `secrets: ${count(secrets.changes.length, 'file')} created or repaired in ${terminal.display(join(folder, secretsFolder))}; keep a copy in a safe place`,
    );
  for (const { severity, message } of secrets.findings)
    if (severity === 'warning') terminal.error(`warning: ${message}`);
  if (!secrets.complete)
    throw new DeployError(
      secrets.findings
        .filter(({ severity }) => severity === 'error')
        .map(({ message }) => `error: ${message}`),
    );
  if (unknownHosts(topology).length === 0) return topology;
  const { complete } = await initKnownHosts(
    topology,
    { folder, yes: false, confirm, acceptCommand },
    terminal,
  );
  if (!complete) throw new DeployError(['stopped: nothing was changed on any host']);
  return withKnownHosts();
}
