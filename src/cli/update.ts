import type { AddCommand } from './add-command';
import { examples } from './examples';
import { file, format, hosts, json } from './options';

export const addUpdate: AddCommand = (program, { terminal, people, done }) =>
  program
    .command('update')
    .description("bring the hosts' packages up to date, one host after the other, with reboots where needed")
    .addOption(file())
    .addOption(format())
    .addOption(json())
    .addOption(hosts())
    .option('--check', 'show what is pending, and change nothing', false)
    .option('--reboot-only', 'install nothing, and reboot what needs it', false)
    .option('-y, --yes', 'do not ask, even if the API does not answer meanwhile', false)
    .option('--plain', 'print a line for every event, as without a terminal', false)
    .addHelpText(
      'after',
      `${examples(
        ['k3s-cdk update --check', 'packages and reboots that are pending'],
        ['k3s-cdk update', 'standby, primary, storage, servers, agents; again to continue'],
        ['k3s-cdk update --reboot-only --yes', 'after unattended-upgrades or dnf-automatic'],
      )}\n\nExit codes: 3 something is pending (--check), 4 hosts that are off were left\n  out, 130 interrupted`,
    )
    .action(async ({ plain, ...options }) => {
      const { updateCommand } = await import('../commands/update/update');
      const { processContext } = await import('../commands/deploy/process-context');
      done(await updateCommand(options, processContext(plain, people), terminal));
    });
