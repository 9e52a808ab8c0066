import { fileOption } from '../file-option';
import type { Terminal } from '../terminal';
import type { DeployContext, DeployOptions } from './deploy-options';
import { DeployRun } from './deploy-run';
import { readyForHosts } from './ready-for-hosts';
import { runLocked } from './run-locked';

/** `k3s-cdk deploy`: from cluster.yaml to a running cluster. Returns the exit code. */
export function deployCommand(
  options: DeployOptions,
  context: DeployContext,
  terminal: Terminal,
): Promise<number> {
  const { now, confirm } = context;
  const acceptCommand = `k3s-cdk init${fileOption(options.file, terminal)} --yes`;
  const command = `deploy${options.plan ? ' --plan' : ''}${options.hostsOnly ? ' --hosts-only' : ''}`;
  return runLocked(command, options.file, context, terminal, {
    topology: (config, { folder, view }) =>
      readyForHosts(config, { folder, now, confirm, acceptCommand, view }, terminal),
    run: (deployment) => new DeployRun(deployment, options, context).run(),
  });
}
