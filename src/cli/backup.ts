import type { AddCommand } from './add-command';
import { examples } from './examples';
import { file, format, json } from './options';

export const addBackup: AddCommand = (program, { terminal, done }) =>
  program
    .command('backup')
    .description('back up the database and download the backup')
    .addOption(file())
    .addOption(format())
    .addOption(json())
    .option('-o, --output <file>', 'file to write (default: CLUSTER-TIME.tar, or .tar.cms if encrypted)')
    .addHelpText(
      'after',
      examples(
        ['k3s-cdk backup', 'into the current folder; never overwrites'],
        ['k3s-cdk backup -o /mnt/usb/homelab.tar', 'to another place'],
      ),
    )
    .action(async (options) => {
      const { backupCommand } = await import('../commands/backup');
      const { interruptible } = await import('../commands/interruptible');
      const now = new Date();
      done(await interruptible((signal) => backupCommand(options, { now, signal }, terminal)));
    });
