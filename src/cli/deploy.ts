import { Option } from 'commander';
import type { AddCommand } from './add-command';
import { examples } from './examples';
import { file, positiveNumber } from './options';

export const addDeploy: AddCommand = (program, { terminal, done }) =>
  program
    .command('deploy')
    .description('bring hosts and cluster to what the cluster description says, and wait until all is up')
    .addOption(file())
    .option('--plan', 'say what would change on hosts and in the cluster, and change nothing', false)
    .option(
      '-y, --yes',
      'remove hosts and objects that are gone from the description, and format blank disks, without asking',
      false,
    )
    .option('--replace-database', 'leave the data of a database host that is gone without asking', false)
    .addOption(
      new Option('--wait <minutes>', 'how long to wait until everything is up')
        .default(10)
        .argParser(positiveNumber),
    )
    .option('--no-wait', 'do not wait')
    .option('--plain', 'a line for everything that happens, as where there is no terminal', false)
    .addHelpText(
      'after',
      `${examples(
        ['k3s-cdk deploy', 'from cluster.yaml to a cluster that runs; again after every change'],
        ['k3s-cdk deploy --plan', 'what would change: steps, lines of files, objects'],
        ['k3s-cdk deploy --plain --yes', 'for CI'],
      )}\n\nExit codes: 3 there is something to do (--plan), 4 applied but not all is up in time, 130 Ctrl-C`,
    )
    .action(async (options) => {
      const { deployCommand } = await import('../commands/deploy/deploy');
      const { processContext } = await import('../commands/deploy/process-context');
      done(await deployCommand(options, processContext(options.plain), terminal));
    });
