import { shellWord } from '../../model/shell-quote';
import { exitCodes } from '../exit-codes';
import { fileOption } from '../file-option';
import { type Only, selectedHosts } from '../selected-hosts';
import type { Terminal } from '../terminal';
import { DeployError } from './deploy-error';
import type { DeployContext, DeployOptions } from './deploy-options';
import { DeployRun } from './deploy-run';
import { readyForHosts } from './ready-for-hosts';
import { runLocked } from './run-locked';

/** `k3s-cdk deploy`: from cluster.yaml to a running cluster. Returns the exit code. */
export async function deployCommand(
  options: DeployOptions,
  context: DeployContext,
  terminal: Terminal,
): Promise<number> {
  const { now, confirm } = context;
  const { hosts } = options;
  const some = hosts === undefined ? '' : ` --hosts ${shellWord(hosts)}`;
  if (hosts !== undefined && !options.plan) {
    terminal.error(
      'error: --hosts is for --plan: a deploy applies all of cluster.yaml, runs steps only on hosts that differ from it, and leaves out those that are off; to see what it would do on these:',
    );
    terminal.error(`  k3s-cdk deploy --plan${some}${fileOption(options.file, terminal)}`);
    return exitCodes.failed;
  }
  const acceptCommand = `k3s-cdk init${fileOption(options.file, terminal)} --yes`;
  const command = `deploy${options.plan ? ' --plan' : ''}${some}${options.hostsOnly ? ' --hosts-only' : ''}`;
  let only: Only;
  return runLocked(command, options.file, context, terminal, {
    topology: (config, { folder, view }) => {
      const selected = selectedHosts(hosts, config, terminal);
      if (!selected) throw new DeployError([]);
      only = selected.only;
      return readyForHosts(config, { folder, now, confirm, acceptCommand, view }, terminal);
    },
    run: (deployment) => new DeployRun(deployment, options, context, only).run(),
  });
}
