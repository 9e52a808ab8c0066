import type { AddCommand } from './add-command';
import { examples } from './examples';
import { file, format, json } from './options';

export const addDestroy: AddCommand = (program, { terminal, people, done }) =>
  program
    .command('destroy')
    .description('uninstall the cluster from its hosts; packages and data stay')
    .addOption(file())
    .addOption(format())
    .addOption(json())
    .option('--purge', 'delete the database, backups and volumes too; asks a second time', false)
    .option('-y, --yes', 'take it down without asking, for scripts', false)
    .option('--delete-data-of <name>', 'with --purge: answers the second question, for scripts')
    .option('--plain', 'print a line for every event, as without a terminal', false)
    .addHelpText(
      'after',
      examples(
        ['k3s-cdk destroy', 'asks for the name of the cluster first'],
        ['k3s-cdk destroy --purge', 'with all that it has stored; asks twice'],
      ),
    )
    .action(async ({ plain, ...options }) => {
      const { destroyCommand } = await import('../commands/destroy/destroy');
      const { processContext } = await import('../commands/deploy/process-context');
      const { terminalAsk } = await import('../commands/confirm');
      const context = { ...processContext(plain, people), ask: terminalAsk(people) };
      done(await destroyCommand(options, context, terminal));
    });
