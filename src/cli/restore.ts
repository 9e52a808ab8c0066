import type { AddCommand } from './add-command';
import { examples } from './examples';
import { file, format, json } from './options';

export const addRestore: AddCommand = (program, { terminal, people, done }) =>
  program
    .command('restore')
    .description('replace the database with a backup; the previous one is kept beside it')
    .argument('[backup]', 'file made by `k3s-cdk backup` or by the schedule; with --offsite, its name')
    .addOption(file())
    .addOption(format())
    .addOption(json())
    .option('--key <file>', 'private key that opens an encrypted backup (default: secrets/backup.key)')
    .option('--offsite', 'take it from database.backup.offsite, the newest one without a name', false)
    .option('-y, --yes', 'do not ask, for scripts', false)
    .option('--skip-unreachable', 'skip servers that are known to be off', false)
    .option('--token-only', 'put the token of the backup back into secrets/, and do nothing else', false)
    .addHelpText(
      'after',
      examples(
        ['k3s-cdk restore homelab-20261123T033000Z.tar', 'checks it, asks twice, stops k3s meanwhile'],
        ['k3s-cdk restore lost.tar.cms --key ~/backup.key', 'an encrypted one'],
        ['k3s-cdk restore --offsite', 'the newest one that is kept elsewhere'],
        ['k3s-cdk restore lost.tar --token-only', 'when secrets/ is lost too'],
      ),
    )
    .action(async (backup, options) => {
      const { restoreCommand } = await import('../commands/restore/restore');
      const { terminalAsk } = await import('../commands/confirm');
      const { interruptible } = await import('../commands/interruptible');
      const context = {
        ask: terminalAsk(people),
        clock: () => performance.now(),
        environment: process.env,
      };
      done(
        await interruptible((signal) => restoreCommand(backup, options, { ...context, signal }, terminal)),
      );
    });
