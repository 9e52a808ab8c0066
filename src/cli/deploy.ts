import { Option } from 'commander';
import type { AddCommand } from './add-command';
import { examples } from './examples';
import { file, format, hosts, json, positiveNumber } from './options';

export const addDeploy: AddCommand = (program, { terminal, people, done }) =>
  program
    .command('deploy')
    .description('apply the cluster description to hosts and cluster, and wait until everything is up')
    .addOption(file())
    .addOption(format())
    .addOption(json())
    .option('--plan', 'show what would change on hosts and in the cluster, and change nothing', false)
    .addOption(hosts('with --plan, show only what happens on these'))
    .option(
      '-y, --yes',
      'remove hosts and objects that are no longer described, and format blank disks, without asking',
      false,
    )
    .option('--replace-database', 'give up the data of a removed database host without asking', false)
    .addOption(
      new Option('--wait <minutes>', 'how long to wait until everything is up')
        .default(10)
        .argParser(positiveNumber),
    )
    .option('--no-wait', 'do not wait')
    .option('--hosts-only', 'leave dist to who applies it, such as Flux or Argo CD', false)
    .option('--plain', 'print a line for every event, as without a terminal', false)
    .addHelpText(
      'after',
      `${examples(
        ['k3s-cdk deploy', 'from cluster.yaml to a cluster that runs; again after every change'],
        ['k3s-cdk deploy --plan', 'what would change: steps, lines of files, objects'],
        ['k3s-cdk deploy --hosts-only', 'hosts and kubeconfig; Flux or Argo CD applies dist'],
        ['k3s-cdk deploy --plain --yes', 'for CI'],
      )}\n\nExit codes: 3 changes are pending (--plan), 4 applied, but not all is up in\n  time, or hosts that are off were left out, 130 interrupted`,
    )
    .action(async (options) => {
      const { deployCommand } = await import('../commands/deploy/deploy');
      const { processContext } = await import('../commands/deploy/process-context');
      done(await deployCommand(options, processContext(options.plain, people), terminal));
    });
