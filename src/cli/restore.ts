import type { AddCommand } from './add-command';
import { examples } from './examples';
import { file } from './options';

export const addRestore: AddCommand = (program, { terminal, done }) =>
  program
    .command('restore')
    .description('replace the database with a backup; the previous one is kept beside it')
    .argument('<backup>', 'file made by `k3s-cdk backup` or by the schedule')
    .addOption(file())
    .option('--key <file>', 'private key that opens an encrypted backup (default: secrets/backup.key)')
    .option('-y, --yes', 'do not ask, for scripts', false)
    .option('--skip-unreachable', 'skip servers that are known to be off', false)
    .option('--token-only', 'put the token of the backup back into secrets/, and do nothing else', false)
    .addHelpText(
      'after',
      examples(
        ['k3s-cdk restore homelab-20261123T033000Z.tar', 'checks it, asks twice, stops k3s meanwhile'],
        ['k3s-cdk restore lost.tar.cms --key ~/backup.key', 'an encrypted one'],
        ['k3s-cdk restore lost.tar --token-only', 'when secrets/ is lost too'],
      ),
    )
    .action(async (backup, options) => {
      const { restoreCommand } = await import('../commands/restore');
      const { terminalAsk } = await import('../commands/confirm');
      const context = { ask: terminalAsk(), clock: () => performance.now(), environment: process.env };
      done(await restoreCommand(backup, options, context, terminal));
    });
