import { Option } from 'commander';
import type { AddCommand } from './add-command';
import { examples } from './examples';
import { file, format, hosts, json, positiveNumber } from './options';

export const addStatus: AddCommand = (program, { terminal, done }) =>
  program
    .command('status')
    .description('show the state of all hosts: machines, services, certificates, manual changes')
    .addOption(file())
    .addOption(format())
    .addOption(json())
    .addOption(hosts())
    .option('-w, --watch', 'refresh until Ctrl-C', false)
    .addOption(
      new Option('--timeout <seconds>', 'how long a host may take to answer')
        .default(15)
        .argParser(positiveNumber),
    )
    .addHelpText(
      'after',
      examples(
        ['k3s-cdk status', 'a table, and a sentence for each problem; exit code 1 for any'],
        ['k3s-cdk status --json', 'for scripts'],
        ['k3s-cdk status --watch', 'during an upgrade'],
        ["k3s-cdk status --hosts 'agent[01-40]'", 'some hosts of many'],
      ),
    )
    .action(async ({ timeout, file, watch, format, hosts }) => {
      const { statusCommand } = await import('../commands/status');
      const { processScreen } = await import('../commands/screen');
      const { interruptible } = await import('../commands/interruptible');
      const screen = format === 'json' ? undefined : processScreen(watch);
      const context = { clock: Date.now, environment: process.env, screen };
      const options = { file, watch, timeoutSeconds: timeout, hosts };
      done(await interruptible((signal) => statusCommand(options, { ...context, signal }, terminal)));
    });
