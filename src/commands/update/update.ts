import { shellWord } from '../../model/shell-quote';
import { DeployError } from '../deploy/deploy-error';
import type { DeployContext } from '../deploy/deploy-options';
import { runLocked } from '../deploy/run-locked';
import { type Only, selectedHosts } from '../selected-hosts';
import type { Terminal } from '../terminal';
import { topologyOf } from '../topology';
import { type UpdateContext, UpdateRun } from './update-run';

export interface UpdateOptions {
  /** cluster.yaml. */
  readonly file: string;
  /** Names, groups and ranges of the hosts to bring up to date. @default - all */
  readonly hosts?: string | undefined;
  /** Install nothing, and reboot what has to be rebooted. */
  readonly rebootOnly: boolean;
  /** Say what is pending, and change nothing. */
  readonly check: boolean;
  /** Answers whether it may begin. */
  readonly yes: boolean;
}

/** `k3s-cdk update`: brings packages of hosts up to date, one host after the other. Returns the exit code. */
export function updateCommand(
  options: UpdateOptions,
  context: DeployContext & UpdateContext,
  terminal: Terminal,
): Promise<number> {
  let only: Only;
  const words = [
    ...(options.hosts === undefined ? [] : [`--hosts ${shellWord(options.hosts)}`]),
    ...(options.rebootOnly ? ['--reboot-only'] : []),
    ...(options.check ? ['--check'] : []),
  ];
  return runLocked(['update', ...words].join(' '), options.file, context, terminal, {
    topology: async (config) => {
      const selected = selectedHosts(options.hosts, config, terminal);
      if (!selected) throw new DeployError([]);
      only = selected.only;
      return topologyOf(config, options.file, terminal);
    },
    run: (deployment) => new UpdateRun(deployment, options, context, only).run(),
  });
}
