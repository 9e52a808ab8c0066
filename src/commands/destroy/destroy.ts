import { KnownHosts } from '../../model/known-hosts';
import { resolve } from '../../model/resolve';
import { KnownHostsFile } from '../../ssh/known-hosts-file';
import type { Ask } from '../confirm';
import type { DeployContext } from '../deploy/deploy-options';
import { runLocked } from '../deploy/run-locked';
import type { Terminal } from '../terminal';
import type { DestroyOptions } from './destroy-options';
import { DestroyRun } from './destroy-run';

export interface DestroyContext extends DeployContext {
  /** Undefined without a terminal. */
  readonly ask: Ask | undefined;
}

/**
 * `k3s-cdk destroy`: uninstalls the cluster from its hosts, and with `purge` deletes its data. Returns the
 * exit code.
 */
export function destroyCommand(
  options: DestroyOptions,
  context: DestroyContext,
  terminal: Terminal,
): Promise<number> {
  // Missing secrets do not matter here, so none are created.
  const topologyOf = (config: Parameters<typeof resolve>[0], folder: string) =>
    Promise.resolve(resolve(config, new KnownHosts(new KnownHostsFile(folder).read())));
  return runLocked(options.purge ? 'destroy --purge' : 'destroy', options.file, context, terminal, {
    topology: (config, { folder }) => topologyOf(config, folder),
    run: (deployment) => new DestroyRun(deployment, options, context.ask).run(),
  });
}
