import type { AddCommand } from './add-command';
import { examples } from './examples';
import { file, format, json } from './options';

export const addShutdown: AddCommand = (program, { terminal, people, done }) =>
  program
    .command('shutdown')
    .description('switch all hosts off: agents, servers, storage, the database last')
    .addOption(file())
    .addOption(format())
    .addOption(json())
    .option('-y, --yes', 'do not ask, for a UPS', false)
    .option('--plain', 'print a line for every event, as without a terminal', false)
    .addHelpText(
      'after',
      `${examples(
        ['k3s-cdk shutdown', 'before work on the mains; it starts by itself with its power'],
        ['k3s-cdk shutdown --yes', 'called by the monitor of a UPS'],
      )}\n\nExit codes: 130 interrupted`,
    )
    .action(async ({ plain, ...options }) => {
      const { shutdownCommand } = await import('../commands/shutdown');
      const { processContext } = await import('../commands/deploy/process-context');
      done(await shutdownCommand(options, processContext(plain, people), terminal));
    });
