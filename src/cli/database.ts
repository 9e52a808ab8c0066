import type { AddCommand } from './add-command';
import { examples } from './examples';
import { file, format, json } from './options';

export const addDatabase: AddCommand = (program, { terminal, people, done }) => {
  const database = program
    .command('database')
    .description('move the primary between several database hosts')
    .helpCommand(false)
    .addHelpText(
      'after',
      examples(
        ['k3s-cdk database switchover', 'to the synchronous standby'],
        ['k3s-cdk database promote storage2', 'when storage1 is lost for good, with its latest changes'],
      ),
    );
  database
    .command('switchover')
    .description('make another database host the primary, within seconds and without data loss')
    .argument('[host]', 'host that becomes the primary (default: the synchronous standby)')
    .addOption(file())
    .addOption(format())
    .addOption(json())
    .addHelpText(
      'after',
      examples(['k3s-cdk database switchover storage2', 'before storage1 is switched off']),
    )
    .action(async (host: string | undefined, options) => {
      const { switchoverCommand } = await import('../commands/database');
      const { interruptible } = await import('../commands/interruptible');
      done(await interruptible((signal) => switchoverCommand(host, options, { signal }, terminal)));
    });
  database
    .command('promote')
    .description('make a database host the primary although another one, which is lost, may have newer data')
    .argument('<host>', 'host that becomes the primary')
    .addOption(file())
    .addOption(format())
    .addOption(json())
    .option('-y, --yes', 'do not ask')
    .action(async (host: string, options) => {
      const { promoteCommand } = await import('../commands/database');
      const { terminalAsk } = await import('../commands/confirm');
      const { interruptible } = await import('../commands/interruptible');
      const ask = terminalAsk(people);
      done(await interruptible((signal) => promoteCommand(host, options, { ask, signal }, terminal)));
    });
};
